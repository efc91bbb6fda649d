"""`python -m nace_monitoring etl|drift`."""

import argparse
import sys

import botocore.exceptions

from .problems import BadInput, Refused


def main() -> int:
    """Exit codes: 0 done, 1 failed or refused, 2 bad input; of `drift` also 3 drift, 4 too few rows."""
    parser = argparse.ArgumentParser(prog="nace_monitoring", description="Records of answers to Parquet, and drift.")
    commands = parser.add_subparsers(dest="command", required=True)
    etl = commands.add_parser("etl", help="write the days of records that are new or have changed")
    etl.add_argument("--since", help="the first day that is looked at, such as 2026-01-31 (default: all)")
    arguments = parser.parse_args()
    try:
        from . import etl as program

        return program.run(arguments.since)
    except BadInput as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2
    except (Refused, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
