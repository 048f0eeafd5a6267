"""Background work (product.md §8): the `Job` row is the truth, Celery is only the bell.

- `bell`: asking for work, ringing for a worker, and ringing again for what nobody took;
- `worker`: claiming a job so that the claim dies with the process, and settling it;
- `making`: what each kind of job makes;
- `orders`: what people may ask of jobs;
- `expiry`: clearing ZIPs away after their last day;
- `progress`: how far a job is, for the page.
"""

from reports.jobs.bell import Order, enqueue, reset_orphans, ring, sweep
from reports.jobs.expiry import clear_expired
from reports.jobs.orders import cancel, order_book, order_set, retry, start_book
from reports.jobs.progress import Progress, progress_of
from reports.jobs.worker import MAX_ATTEMPTS, run

__all__ = [
    "MAX_ATTEMPTS",
    "Order",
    "Progress",
    "cancel",
    "clear_expired",
    "enqueue",
    "order_book",
    "order_set",
    "progress_of",
    "reset_orphans",
    "retry",
    "ring",
    "run",
    "start_book",
    "sweep",
]
