"""The Celery application: ``celery -A worker.celery:app worker -B``."""

from celery import Celery
from celery.signals import setup_logging, worker_init

from config import load
from vng_alv import db, jobs, live, logs
from worker import schedule

settings = load()

app = Celery("alv", include=["worker.tasks", "worker.watch"])
jobs.configure(app, settings.redis_url)
jobs.configure(jobs.producer, settings.redis_url)
app.conf.beat_schedule = schedule.TABLE
app.conf.beat_schedule_filename = str(settings.data / "beat")
app.conf.worker_pool = "threads"
app.conf.worker_concurrency = schedule.THREADS
app.steps["worker"].add("worker.watch:Leave")


@worker_init.connect
def connect(**_: object) -> None:
    """Each worker process has its own database and Redis connections."""
    db.connect(settings.database_url, schedule.THREADS + 1)
    live.connect(settings.redis_url)


@setup_logging.connect
def leave_logging(**_: object) -> None:
    """Logs are ours; Celery does not set up its own."""
    logs.configure()
