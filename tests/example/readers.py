"""What the tests of the example share: who its third parties are, and what a reader can do."""

from collections.abc import Callable

from starlette.testclient import TestClient

THIRD_PARTIES = "http://localhost:9999"
NewReader = Callable[..., TestClient]


def decide(client: TestClient, action: str) -> None:
    """Press a button of the banner without scripts."""
    response = client.post(
        "/consent",
        data={"action": action, "method": "api", "next": "/"},
        headers={"origin": "http://testserver"},
        follow_redirects=False,
    )
    assert response.status_code == 303, response.text
