"""What crosses a socket: one model per type of frame. docs/frames/ is made of them."""
