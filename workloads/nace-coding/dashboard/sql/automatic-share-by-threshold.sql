-- What would be coded automatically at each threshold from 0 to 1.
WITH binned AS (
  SELECT floor(confidence * 100 + 1e-9)::INTEGER AS hundredth, count(*) AS descriptions
  FROM records
  GROUP BY hundredth
)
SELECT
  hundredths.hundredth / 100 AS threshold,
  coalesce(sum(binned.descriptions) FILTER (binned.hundredth >= hundredths.hundredth), 0)::BIGINT AS automatic,
  coalesce(sum(binned.descriptions) FILTER (binned.hundredth >= hundredths.hundredth), 0) / nullif(sum(binned.descriptions), 0) AS automatic_share
FROM range(101) AS hundredths(hundredth)
CROSS JOIN binned
GROUP BY hundredths.hundredth
ORDER BY threshold
