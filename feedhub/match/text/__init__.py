"""Text -> tokens, arrays and what two of them share."""
