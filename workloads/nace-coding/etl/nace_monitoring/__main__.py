"""`python -m nace_monitoring etl|drift`."""

import argparse
import sys

import botocore.exceptions

from .problems import BadInput, Refused


def main() -> int:
    """Exit codes: 0 done, 1 failed or refused, 2 bad input; of `drift` also 3 drift, 4 too few rows."""
    parser = argparse.ArgumentParser(prog="nace_monitoring", description="Records of answers to Parquet, and drift.")
    commands = parser.add_subparsers(dest="command", required=True)
    days = commands.add_parser("etl", help="write the days of records that are new or have changed")
    days.add_argument("--since", help="the first day that is looked at, such as 2026-01-31 (default: all)")
    check = commands.add_parser("drift", help="compare the last days with those before")
    check.add_argument("--date", help="the last day of the current window (default: the last of the table)")
    check.add_argument("--metrics", help="file that gets figures for Prometheus")
    check.add_argument("--decision", help="file that gets the decision alone: stable, drift or too-few-rows")
    arguments = parser.parse_args()
    try:
        if arguments.command == "etl":
            from . import etl

            return etl.run(arguments.since)
        from . import drift

        return drift.run(arguments.date, arguments.metrics, arguments.decision)
    except BadInput as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return 2
    except (Refused, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
