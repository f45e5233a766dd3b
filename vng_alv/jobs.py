"""The names of the jobs, and how to ask for one. A job is a nudge: the sweep finds what no job did."""

from enum import StrEnum

from celery import Celery

from vng_alv import db


class Job(StrEnum):
    """Every job that the worker knows."""

    SWEEP = "sweep"
    TALLY = "tally"
    SEND_NOTICES = "send_notices"
    SEAL_AUDIT = "seal_audit"
    INVITE_PEOPLE = "invite_people"
    PUBLISH_STANDING = "publish_standing"
    ANNOUNCE = "announce"
    MAKE_ARCHIVE = "make_archive"
    TIDY = "tidy"


producer = Celery("alv", set_as_current=False)


def celery_url(redis_url: str) -> str:
    """Celery's spelling of the address of the broker."""
    return "redis+socket://" + redis_url.removeprefix("unix://") if redis_url.startswith("unix://") else redis_url


def configure(app: Celery, redis_url: str) -> None:
    """The settings that a producer and the worker share: JSON only, no results, late acknowledgement."""
    transport = {"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 600}
    if app is producer:
        transport["max_retries"] = 0  # nobody waits for a broker that is away: the sweep finds what is to be done
    app.conf.update(
        broker_url=celery_url(redis_url) if redis_url else None,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=2,
        broker_transport_options=transport,
        task_publish_retry=False,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        timezone="Europe/Amsterdam",
    )


def defer(job: Job, **ids: str) -> None:
    """Ask for ``job`` once this transaction is committed; once, however often it was asked for."""
    if producer.conf.broker_url:
        key = (job.value, *sorted(ids.items()))
        db.after_commit(lambda: producer.send_task(job.value, kwargs=ids, ignore_result=True), key)
