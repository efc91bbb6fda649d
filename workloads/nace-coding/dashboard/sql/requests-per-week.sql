-- The same by week, which begins on Monday.
SELECT
  date_trunc('week', date)::DATE AS week,
  count(*) FILTER ("row" = 0) AS requests,
  count(*) AS descriptions,
  count(*) FILTER (confidence >= $threshold) AS automatic,
  count(*) FILTER (confidence >= $threshold) / count(*) AS automatic_share
FROM records
GROUP BY week
ORDER BY week
