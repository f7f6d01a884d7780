"""DynamoDB through PynamoDB: one module per noun. A row never leaves this room; repositories speak in nouns."""
