"""`python -m mods` is `mods`."""

import sys

from mods.cli import main

sys.exit(main())
