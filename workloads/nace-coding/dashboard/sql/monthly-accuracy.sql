-- Accuracy of each month with a band of 95 %, from 200 resamples of its rows; a description below the threshold counts as correct. The draws
-- come from a hash, so that the same gold set gives the same band. All that a draw can tell is whether it hit one of the correct rows: these
-- are the first ones of the month.
WITH months AS (
  SELECT
    date_trunc('month', "at")::DATE AS month,
    count(*) AS annotated,
    count(*) FILTER (NOT coalesce(confidence >= $threshold, false) OR code_1 = code) AS correct
  FROM gold
  GROUP BY month
),
resampled AS (
  SELECT month, avg((hash(month, resample, draw) % annotated < correct)::INTEGER) AS accuracy
  FROM (SELECT *, unnest(range(annotated)) AS draw FROM months CROSS JOIN range(200) AS resamples(resample)) AS draws
  GROUP BY month, resample
),
bands AS (
  SELECT month, quantile_cont(accuracy, 0.025) AS low, quantile_cont(accuracy, 0.975) AS high FROM resampled GROUP BY month
)
SELECT month, annotated, correct / annotated AS accuracy, low, high
FROM months JOIN bands USING (month)
ORDER BY month
