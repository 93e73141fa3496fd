"""`python -m darkparity`."""

import sys

from darkparity.cli import main

sys.exit(main())
