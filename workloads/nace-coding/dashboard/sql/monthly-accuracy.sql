-- Accuracy of each month with a band of 95 %; a description below the threshold counts as correct. The band is that of resamples of the month's
-- rows: how many of them are correct follows the binomial distribution, so its quantiles are told exactly, as of endlessly many resamples.
WITH months AS (
  SELECT
    date_trunc('month', "at")::DATE AS month,
    count(*) AS annotated,
    count(*) FILTER (NOT coalesce(confidence >= $threshold, false) OR code_1 = code) AS correct
  FROM gold
  GROUP BY month
),
possible AS (
  SELECT *, correct / annotated AS share, unnest(range(annotated + 1)) AS hits FROM months WHERE correct BETWEEN 1 AND annotated - 1
),
likely AS (
  SELECT
    *,
    sum(exp(
      lgamma(annotated + 1) - lgamma(hits + 1) - lgamma(annotated - hits + 1) + hits * ln(share) + (annotated - hits) * ln(1 - share)
    )) OVER (PARTITION BY month ORDER BY hits) AS reached
  FROM possible
),
bands AS (
  SELECT month, min(hits) FILTER (reached >= 0.025) AS low, min(hits) FILTER (reached >= 0.975) AS high FROM likely GROUP BY month
)
SELECT
  month,
  annotated,
  correct / annotated AS accuracy,
  coalesce(low, correct) / annotated AS low,
  coalesce(high, correct) / annotated AS high
FROM months LEFT JOIN bands USING (month)
ORDER BY month
