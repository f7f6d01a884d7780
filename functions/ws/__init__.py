"""The WebSocket doors, and the workers behind them."""
