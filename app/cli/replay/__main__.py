"""`python -m app.cli.replay`: the same as `python -m app replay`."""

import sys

from app.cli.replay.command import main

sys.exit(main(sys.argv[1:]))
