-- Records whose confidence is of another index: they stand in no other panel, since values of two indices are not of one measure.
SELECT "index", count(*) AS descriptions, min(date) AS first, max(date) AS last
FROM all_records
WHERE "index" <> $index
GROUP BY "index"
ORDER BY "index"
