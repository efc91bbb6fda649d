"""The records of a day become one Parquet object, and nothing is lost or counted twice on the way."""

import json
import random
import time

import duckdb
import pytest
from conftest import Bucket
from corpus import lines, records

from nace_monitoring.columns import columns
from nace_monitoring.day import check_counts
from nace_monitoring.problems import Refused
from nace_monitoring.store import connect

DAY = "2026-01-31"
MANIFEST = f"case/manifests/date={DAY}/manifest.json"
QUARANTINE = f"case/quarantine/date={DAY}/lines.ndjson"


def table(bucket: Bucket, sql: str) -> list[tuple]:  # type: ignore[type-arg]
    """Rows of a query, in which `TABLE` is the table of records, read over S3."""
    connection = connect(bucket.objects.store)
    return connection.execute(
        sql.replace("TABLE", f"read_parquet('{bucket.objects.store.url('parquet/date=*/records.parquet')}', hive_partitioning = true)")
    ).fetchall()


def spread(bucket: Bucket, found: list[dict[str, object]], parts: int, date: str = DAY) -> None:
    """Writes records as the objects of a replica."""
    size = -(-len(found) // parts)
    for part in range(parts):
        chunk = found[part * size : (part + 1) * size]
        bucket.put(f"records/date={date}/{chunk[0]['replica']}/{date}T00-{part:06d}.ndjson", lines(chunk))


def report(bucket: Bucket, **more: str) -> dict:  # type: ignore[type-arg]
    done = bucket.run("etl", **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_record_becomes_a_row_with_its_values(bucket: Bucket) -> None:
    found = records(700, 1) + records(500, 2, replica="nace-1")
    spread(bucket, found[:700], 4)
    spread(bucket, found[700:], 3)
    assert report(bucket, NACE_ETL_MASKING="none")["totals"] == {
        "objects": 7,
        "lines": 1200,
        "records": 1200,
        "duplicates": 0,
        "quarantined": 0,
    }
    rows = table(bucket, 'SELECT id, text, code_1, probability_2, code_5, confidence, decision, reason, "at", date::VARCHAR FROM TABLE')
    assert [row[0] for row in rows] == sorted(one["id"] for one in found)
    by_id = {one["id"]: one for one in found}
    for identifier, text, code, second, fifth, confidence, decision, reason, at, date in rows:
        one = by_id[identifier]
        given = one["predictions"]
        assert (text, confidence, decision, reason, date) == (one["text"], one["confidence"], one["decision"], one["reason"], DAY)
        assert (code, second, fifth) == (
            (given[0]["code"], given[1]["probability"], given[4]["code"] if len(given) > 4 else None) if given else (None, None, None)
        )
        assert at.isoformat(timespec="milliseconds") + "Z" == one["at"]
    assert [row[0] for row in table(bucket, "DESCRIBE SELECT * EXCLUDE (date) FROM TABLE")] == columns().names


def test_a_second_run_changes_nothing_and_says_so(bucket: Bucket) -> None:
    spread(bucket, records(300, 1), 2)
    report(bucket)
    before, marks = bucket.contents(), sorted(bucket.objects.list("parquet/"))
    assert report(bucket)["days"][0]["state"] == "unchanged"
    assert bucket.contents() == before and sorted(bucket.objects.list("parquet/")) == marks


def test_the_bytes_depend_on_the_records_alone(bucket: Bucket) -> None:
    spread(bucket, records(4000, 1), 9)
    report(bucket)
    first = bucket.contents()
    for one in list(bucket.objects.list("manifests/")) + list(bucket.objects.list("parquet/")):
        bucket.objects.delete(one.key.removeprefix("case/"))
    assert (
        report(bucket, NACE_ETL_THREADS="1", NACE_ETL_BATCH_MEGABYTES="1", NACE_ETL_MEMORY_MEGABYTES="256")["days"][0]["state"] == "written"
    )
    assert bucket.contents() == first


def test_ended_at_any_moment_and_run_again_it_gives_the_same_bytes(bucket: Bucket, server: dict[str, str]) -> None:
    spread(bucket, records(6000, 1), 20)
    spread(bucket, records(500, 2, date="2026-02-01"), 2, "2026-02-01")
    broken = lines(records(5, 3)) + b"{no json\n"
    bucket.put(f"records/date={DAY}/nace-9/x.ndjson", broken)
    start = time.monotonic()
    report(bucket)
    whole = time.monotonic() - start
    expected = bucket.contents()
    moments, states = random.Random(7), set()
    for number in range(8):
        # What an earlier run left behind is there or not, and a late object has come or not.
        for key in list(expected):
            if moments.random() < 0.6:
                bucket.objects.delete(key.removeprefix("case/"))
        program = bucket.start("etl")
        time.sleep(whole * (0.35 + 0.65 * (number + moments.random()) / 8))
        program.kill()
        ended = program.wait(20)
        states.add("killed" if ended == -9 else "done")
        partly = bucket.contents()
        assert set(partly) <= set(expected)
        assert all(expected[key] == content for key, content in partly.items()), "an object that is not whole was seen"
        report(bucket)
        assert bucket.contents() == expected
    assert "killed" in states


def test_late_objects_rewrite_their_day_and_no_other(bucket: Bucket) -> None:
    spread(bucket, records(100, 1), 2)
    spread(bucket, records(50, 2, date="2026-02-01"), 1, "2026-02-01")
    report(bucket)
    bucket.put(f"records/date={DAY}/nace-7/late.ndjson", lines(records(10, 3, replica="nace-7")))
    days = {day["date"]: day for day in report(bucket)["days"]}
    assert (days[DAY]["state"], days[DAY]["counts"]["records"], days["2026-02-01"]["state"]) == ("written", 110, "unchanged")
    assert table(bucket, "SELECT count(*), count(DISTINCT id) FROM TABLE") == [(160, 160)]


def test_a_record_that_was_sent_twice_is_one_row(bucket: Bucket) -> None:
    found = records(100, 1)
    spread(bucket, found, 1)
    reordered = [dict(reversed(one.items())) for one in found[:30]]
    bucket.put(f"records/date={DAY}/nace-0/again.ndjson", lines(found[:40]))
    bucket.put(f"records/date={DAY}/nace-0/reordered.ndjson", lines(reordered))
    assert report(bucket)["totals"] == {"objects": 3, "lines": 170, "records": 100, "duplicates": 70, "quarantined": 0}


def test_lines_that_are_no_records_are_set_aside_with_a_reason(bucket: Bucket) -> None:
    good = records(20, 1)
    one = good[0]
    wrong = {
        "not JSON": b'{"schema": 1, "id": ',
        "not an object": b"[1, 2]",
        "blank line": b"  ",
        "field decision is none of its values": json.dumps({**one, "id": "a", "decision": "perhaps"}).encode(),
        "field confidence is of type string, expected number": json.dumps({**one, "id": "b", "confidence": "0.9"}).encode(),
        "field request is missing": json.dumps({name: value for name, value in one.items() if name != "request"}).encode(),
        "field at is of another day than the object": json.dumps({**one, "id": "c", "at": "2026-02-01T00:00:00.000Z"}).encode(),
        "field at is no instant such as 2026-01-31T08:00:00.123Z": json.dumps({**one, "id": "d", "at": "yesterday"}).encode(),
        "field predictions holds a probability that is none, or no code": json.dumps(
            {**one, "id": "e", "predictions": [{"code": "0111Z", "probability": 1.5}]}
        ).encode(),
        "field predictions holds more than 5": json.dumps(
            {**one, "id": "f", "predictions": [{"code": "0111Z", "probability": 0.1}] * 6}
        ).encode(),
        "field predictions is no array": json.dumps({**one, "id": "g", "predictions": "none"}).encode(),
        "another record has the same id": json.dumps({**one, "text": "zzz"}).encode(),
        "not UTF-8": json.dumps({**one, "id": "h"}).encode() + b"\xff",
    }
    bucket.put(f"records/date={DAY}/nace-0/0.ndjson", lines(good) + b"\n".join(wrong.values()))
    told = report(bucket, NACE_ETL_MASKING="none")
    assert told["totals"] == {"objects": 1, "lines": 20 + len(wrong), "records": 20, "duplicates": 0, "quarantined": len(wrong)}
    assert told["days"][0]["reasons"] == dict.fromkeys(sorted(wrong), 1)
    kept = [json.loads(line) for line in bucket.contents()[QUARANTINE].splitlines()]
    assert {(line["line"], line["reason"]) for line in kept if line["reason"] != "another record has the same id"} == {
        (21 + place, reason) for place, reason in enumerate(wrong) if reason != "another record has the same id"
    }
    assert next(line for line in kept if line["reason"] == "not JSON")["content"] == '{"schema": 1, "id": '


def test_quarantine_goes_when_its_lines_do(bucket: Bucket) -> None:
    bucket.put(f"records/date={DAY}/nace-0/0.ndjson", b"nonsense\n")
    assert report(bucket)["totals"]["quarantined"] == 1
    # Without masking the line itself would be there; with it, only where it stands.
    assert "content" not in json.loads(bucket.contents()[QUARANTINE])
    bucket.put(f"records/date={DAY}/nace-0/0.ndjson", lines(records(1, 1)))
    assert report(bucket)["totals"]["quarantined"] == 0
    assert QUARANTINE not in bucket.contents()


def test_another_schema_version_is_refused_and_other_days_are_written(bucket: Bucket) -> None:
    spread(bucket, records(10, 1), 1)
    later = [{**one, "schema": 2, "predictions": "another form"} for one in records(10, 2, date="2026-02-01")]
    spread(bucket, later, 1, "2026-02-01")
    done = bucket.run("etl")
    assert done.returncode == 1
    refused = json.loads(done.stdout)["days"][1]
    assert refused["state"] == "refused"
    assert (
        "line 1: schema is 2, expected 1" in refused["problem"] and "run a version of nace-etl that knows this schema" in refused["problem"]
    )
    assert [one.key for one in bucket.objects.list("parquet/")] == [f"case/parquet/date={DAY}/records.parquet"]


def test_raw_objects_that_are_gone_lose_no_rows(bucket: Bucket) -> None:
    spread(bucket, records(100, 1), 4)
    report(bucket)
    before = bucket.contents()
    gone = next(iter(bucket.objects.list("records/")))
    bucket.objects.delete(gone.key.removeprefix("case/"))
    assert report(bucket)["days"][0]["state"] == "kept"
    bucket.put(f"records/date={DAY}/nace-3/late.ndjson", lines(records(5, 9)))
    done = bucket.run("etl")
    assert done.returncode == 1 and "writing the day anew would lose records" in done.stdout
    assert bucket.contents() == before


def test_free_text_is_masked(bucket: Bucket) -> None:
    one = records(1, 1)[0]
    text = "Plombier, M. Jean Dupont-Aïe, 06 12 34 56 78, jean@exemple.fr, www.exemple.fr/a, FR76 3000 6000 0112 3456 7890 189. Chauffage!"
    bucket.put(f"records/date={DAY}/nace-0/0.ndjson", lines([{**one, "text": text, "text_clean": "plombier dupont TYP_X"}]))
    report(bucket)
    assert table(bucket, "SELECT text FROM TABLE") == [("Plombier, <person>, <number>, <mail>, <address> <account>. Chauffage!",)]
    assert report(bucket, NACE_ETL_MASKING="drop")["days"][0]["state"] == "written"
    [(masked, words)] = table(bucket, "SELECT text, words FROM TABLE")
    assert masked is None and words > 10
    store = bucket.objects.store
    assert connect(store).execute(f"SELECT * FROM read_parquet('{store.url(f'words/date={DAY}/words.parquet')}')").fetchall() == []


def test_words_are_counted_by_description(bucket: Bucket) -> None:
    texts = ["pain pain gateau TYP_X", "pain", "", "boucherie pain"]
    found = [{**one, "text_clean": text} for one, text in zip(records(4, 1), texts, strict=True)]
    bucket.put(f"records/date={DAY}/nace-0/0.ndjson", lines(found))
    report(bucket)
    store = bucket.objects.store
    rows = (
        connect(store)
        .execute(f"SELECT * FROM read_parquet('{store.url('words/date=*/words.parquet')}', hive_partitioning = false)")
        .fetchall()
    )
    assert rows == [("boucherie", 1), ("gateau", 1), ("pain", 3)]


def test_fields_that_nobody_knows_are_told(bucket: Bucket) -> None:
    bucket.put(f"records/date={DAY}/nace-0/0.ndjson", lines([{**one, "colour": "red"} for one in records(3, 1)]))
    assert report(bucket)["days"][0]["unknownFields"] == {"colour": 3}


def test_the_manifest_names_what_was_read(bucket: Bucket) -> None:
    spread(bucket, records(10, 1), 2)
    report(bucket)
    manifest = json.loads(bucket.contents()[MANIFEST])
    assert manifest["objects"] == [{"key": one.key, "size": one.size, "etag": one.etag} for one in sorted(bucket.objects.list("records/"))]
    assert manifest["madeBy"]["recordSchema"] == 1 and manifest["madeBy"]["duckdb"] == duckdb.__version__
    assert manifest["counts"]["records"] == 10


def test_rows_that_vanish_are_refused() -> None:
    counts = {"lines": 10, "records": 8, "duplicates": 1, "quarantined": 1}
    check_counts(DAY, counts)
    with pytest.raises(Refused, match="10 lines came in, and 7 records"):
        check_counts(DAY, {**counts, "records": 7})


def test_every_problem_of_the_environment_is_told_at_once(bucket: Bucket) -> None:
    done = bucket.run("etl", "--since", "soon", NACE_DATA="nace", AWS_ENDPOINT_URL="minio", NACE_ETL_MASKING="some", NACE_ETL_THREADS="0")
    assert done.returncode == 2
    for part in (
        "--since is 'soon'",
        "NACE_DATA is 'nace'",
        "AWS_ENDPOINT_URL is 'minio'",
        "NACE_ETL_MASKING is 'some'",
        "NACE_ETL_THREADS is '0'",
    ):
        assert part in done.stderr


def test_a_store_of_another_authority_is_not_believed(bucket: Bucket) -> None:
    done = bucket.run("etl", AWS_CA_BUNDLE="/etc/ssl/certs/ca-certificates.crt")
    assert done.returncode == 1 and "CERTIFICATE_VERIFY_FAILED" in done.stderr
