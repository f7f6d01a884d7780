"""Which function of the API answers which paths."""

API = "/api/v1"
ROUTES = {
    "accounts": (
        f"{API}/auth/{{proxy+}}",
        f"{API}/admin/{{proxy+}}",
        f"{API}/privacy/{{proxy+}}",
        "/.well-known/jwks.json",
        f"{API}/.well-known/jwks.json",
    ),
    "catalogue": (f"{API}/uploads", f"{API}/uploads/{{proxy+}}", f"{API}/tracks", f"{API}/tracks/{{proxy+}}"),
    "chat": (
        f"{API}/ws/tickets",
        f"{API}/calls/ice",
        f"{API}/conversations",
        f"{API}/conversations/{{proxy+}}",
        f"{API}/rooms",
        f"{API}/blocks",
        f"{API}/blocks/{{proxy+}}",
    ),
    "platform": (
        "/healthz",
        "/readyz",
        f"{API}/healthz",
        f"{API}/readyz",
        f"{API}/openapi.json",
        f"{API}/docs",
        f"{API}/frames/{{proxy+}}",
    ),
}
