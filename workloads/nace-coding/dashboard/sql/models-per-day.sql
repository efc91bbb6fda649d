-- Which version of the model answered.
SELECT
  date,
  model_version,
  count(*) AS descriptions,
  count(*) FILTER (confidence >= $threshold) / count(*) AS automatic_share
FROM records
GROUP BY date, model_version
ORDER BY date, model_version
