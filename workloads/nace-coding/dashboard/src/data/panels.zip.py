"""Data of all pages: every panel's SQL over the table of records."""

import os
import sys

sys.path.insert(0, os.environ.get("NACE_DASHBOARD", os.getcwd()))

from nace_dashboard.configuration import BadInput
from nace_dashboard.panels import archive

try:
    sys.stdout.buffer.write(archive())
except BadInput as error:
    sys.exit("\n".join(f"error: {problem}" for problem in error.problems))
