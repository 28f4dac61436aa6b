"""The pipelines, their flags, and the command line."""

import gc

# Every 700 new objects, if not told otherwise, Python looks for some that nothing reaches any more. Two thousand
# modules make hundreds of thousands that stay, and a certificate some hundred that need no search: 2 % of a run.
gc.set_threshold(10_000)
