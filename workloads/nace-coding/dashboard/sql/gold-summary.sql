-- The gold set: a description below the threshold counts as correct in `accuracy`, since a person codes it.
SELECT
  count(*) AS annotated,
  count(*) FILTER (confidence >= $threshold) AS automatic,
  count(*) FILTER (confidence >= $threshold) / nullif(count(*), 0) AS automatic_share,
  avg(CASE WHEN confidence >= $threshold THEN (code_1 = code)::INTEGER ELSE 1 END) AS accuracy,
  avg((code_1 = code)::INTEGER) FILTER (confidence >= $threshold) AS accuracy_automatic,
  avg(coalesce(code_1 = code, false)::INTEGER) AS accuracy_model
FROM gold
