-- What each threshold from 0 to 1 would give on the gold set.
SELECT
  twentieths.twentieth / 20 AS threshold,
  count(*) FILTER (confidence >= twentieths.twentieth / 20) / count(*) AS automatic_share,
  avg(CASE WHEN confidence >= twentieths.twentieth / 20 THEN (code_1 = code)::INTEGER ELSE 1 END) AS accuracy,
  avg((code_1 = code)::INTEGER) FILTER (confidence >= twentieths.twentieth / 20) AS accuracy_automatic
FROM gold CROSS JOIN range(21) AS twentieths(twentieth)
GROUP BY twentieths.twentieth
ORDER BY threshold
