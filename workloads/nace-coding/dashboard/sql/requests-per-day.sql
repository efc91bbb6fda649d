-- Requests and descriptions of each day, and the share that is coded automatically. A request has one description of row 0.
SELECT
  date,
  count(*) FILTER ("row" = 0) AS requests,
  count(*) AS descriptions,
  count(*) FILTER (confidence >= $threshold) AS automatic,
  count(*) FILTER (confidence IS NULL) AS without_model,
  count(*) FILTER (confidence >= $threshold) / count(*) AS automatic_share
FROM records
GROUP BY date
ORDER BY date
