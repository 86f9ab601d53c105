"""Stage 3, the desk: staff sign in, work the queue, settle who it is, decide, look over each other's shoulder."""

from importlib import import_module

from portal.review.desk import blueprint

__all__ = ["blueprint"]

WORK = ("queue", "case", "message", "disagreement", "identity", "cover", "decision", "second", "undo")
AFTER = ("tasks", "ask_task", "recovery", "pause", "paper", "term", "copy")
QUEUE = ("sleeping", "saved", "several", "presence", "onward", "settings")
CAME = ("arrivals", "mail_files", "no_request", "post")
AROUND = ("sign_in", "account", "activation", "staff", "access", "record", "holds", "figures", "dossier")

for _views in (*WORK, *AFTER, *QUEUE, *CAME, *AROUND):
    import_module(f"{__name__}.views_{_views}")  # each adds its routes to the blueprint
