"""What crosses a socket: one model per type of frame. docs/frames/ and web/frames.d.ts are made of them."""
