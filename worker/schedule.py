"""What beat asks for, and how often. A sweep finds whatever no job did, so the broker may be emptied at any moment."""

from vng_alv.jobs import Job

#: Threads of one worker: a long mailing leaves room for a count.
THREADS = 4
#: Seconds between sweeps; also the longest that a closed round waits when its job was lost.
SWEEP = 1.0

TABLE = {
    "sweep": {"task": Job.SWEEP.value, "schedule": SWEEP, "options": {"expires": 5}},
    "announce": {"task": Job.ANNOUNCE.value, "schedule": 60.0, "options": {"expires": 60}},
    "tidy": {"task": Job.TIDY.value, "schedule": 3_600.0, "options": {"expires": 600}},
    "seal_audit": {"task": Job.SEAL_AUDIT.value, "schedule": 2.0, "options": {"expires": 10}},
}
