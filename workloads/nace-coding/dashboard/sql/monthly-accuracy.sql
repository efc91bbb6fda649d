-- Accuracy of each month with a band of 95 %, from 200 resamples of its rows; a description below the threshold counts as correct. The draws
-- come from a hash, so that the same gold set gives the same band.
WITH judged AS (
  SELECT
    date_trunc('month', "at")::DATE AS month,
    CASE WHEN confidence >= $threshold THEN (code_1 = code)::INTEGER ELSE 1 END AS correct,
    row_number() OVER (PARTITION BY month ORDER BY id) - 1 AS place,
    count(*) OVER (PARTITION BY month) AS annotated
  FROM gold
),
resampled AS (
  SELECT drawn.month, resample, avg(judged.correct) AS accuracy
  FROM (
    SELECT month, annotated, resample, (hash(month, resample, place) % annotated)::BIGINT AS place
    FROM judged CROSS JOIN range(200) AS resamples(resample)
  ) AS drawn JOIN judged ON judged.month = drawn.month AND judged.place = drawn.place
  GROUP BY drawn.month, resample
),
bands AS (
  SELECT month, quantile_cont(accuracy, 0.025) AS low, quantile_cont(accuracy, 0.975) AS high FROM resampled GROUP BY month
)
SELECT month, count(*) AS annotated, avg(correct) AS accuracy, any_value(low) AS low, any_value(high) AS high
FROM judged JOIN bands USING (month)
GROUP BY month
ORDER BY month
