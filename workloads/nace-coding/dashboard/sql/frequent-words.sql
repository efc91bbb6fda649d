-- The words that most descriptions hold, as the model reads them. The ETL counts them by day.
SELECT word, sum(rows)::BIGINT AS descriptions
FROM words
GROUP BY word
ORDER BY descriptions DESC, word
LIMIT 50
