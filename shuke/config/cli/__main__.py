"""`python -m shuke.config.cli`."""

import sys

from shuke.config.cli import main

sys.exit(main())
