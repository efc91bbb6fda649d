"""`python -m nace_dashboard serve|render|panel`."""

import argparse
import os
import subprocess
import sys

import duckdb

from .configuration import BadInput, configuration_of
from .database import connect, open_views, panels, rows_of
from .panels import text_of
from .serve import NO_RECORDS, build, has_records, places_from, publish, run


def main() -> int:
    """Exit codes: 0 done, 1 failed, 2 bad input; of `render` also 3: there are no records yet, and the pages say so."""
    parser = argparse.ArgumentParser(prog="nace_dashboard", description="Pages and panels of the coding case.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve the site, and render it every NACE_RENDER_MINUTES")
    commands.add_parser("render", help="render the site once into NACE_SITE")
    panel = commands.add_parser("panel", help="print the rows of one panel as JSON")
    panel.add_argument("name", choices=panels())
    arguments = parser.parse_args()
    try:
        if arguments.command == "serve":
            return run()
        if arguments.command == "render":
            places = places_from()
            rendered = build(places)
            publish(places, rendered)
            if has_records(rendered):
                return 0
            print(f"dashboard: {NO_RECORDS}", file=sys.stderr)
            return 3
        connection = connect()
        print(text_of(rows_of(connection, arguments.name, open_views(connection, configuration_of(), os.environ["NACE_DATA"]))))
        return 0
    except BadInput as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2
    except (duckdb.Error, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
