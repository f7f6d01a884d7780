"""A deployment's archive becomes the page, exactly."""

import io
import zipfile

from schedules.page.service import PageService
from tests.fakes.objects import FakeObjectStore

PAGE, STAGING = "page", "staging"


def archive(**files: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(name.replace("_", "."), text)
    return body.getvalue()


def published(store: FakeObjectStore, **files: str) -> int:
    store.add(STAGING, "page.zip", archive(**files))
    return PageService(objects=store, bucket=PAGE).publish(STAGING, "page.zip")


def test_every_file_is_served_as_what_it_is_and_asked_for_anew() -> None:
    store = FakeObjectStore()
    assert published(store, index_html="<p>", app_js="1", style_css="p{}", player_mjs="2") == 4
    served = {key: store.newest(PAGE, key) for key in store.list_keys(PAGE, "")}
    assert {key: file.content_type.split(";")[0] for key, file in served.items()} == {
        "index.html": "text/html",
        "app.js": "text/javascript",
        "style.css": "text/css",
        "player.mjs": "text/javascript",
    }
    assert {file.cache_control for file in served.values()} == {"no-cache"}


def test_what_the_new_page_has_not_is_gone_and_nothing_else() -> None:
    store = FakeObjectStore()
    published(store, index_html="<p>", app_js="1", app_json="{}")
    published(store, index_html="<p>", app_json="{}")
    assert set(store.list_keys(PAGE, "")) == {"index.html", "app.json"}


def test_document_comes_last_so_that_it_never_names_a_missing_file() -> None:
    store = FakeObjectStore()
    published(store, a_html="<p>", z_js="1")
    assert [obj.key for obj in store.versions if obj.bucket == PAGE] == ["z.js", "a.html"]


def test_withdrawn_page_leaves_an_empty_bucket() -> None:
    store = FakeObjectStore()
    published(store, index_html="<p>")
    PageService(objects=store, bucket=PAGE).withdraw()
    assert list(store.list_keys(PAGE, "")) == []
