"""Photos as people have them: in whatever form the browser shows, turned, and named in their own way."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image
from playwright.sync_api import Page, Route, expect

from secure_attend.frames import PHOTO, decode
from tests.e2e.conftest import OTHER, SESSION, Running
from tests.e2e.taught import every_look
from tests.support.puppet import Puppet, astronaut

Check = Callable[[Page], None]
Shoot = Callable[[Page, str], None]
ORIENTATION, TO_THE_RIGHT = 0x0112, 6


def picture(width: int = 400, height: int = 300) -> Image.Image:
    """Dark, with a bright corner at the top left."""
    pixels = np.full((height, width, 3), 40, np.uint8)
    pixels[: height // 2, : width // 2] = 220
    return Image.fromarray(pixels)


def file(kind: str, shown: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (shown or picture()).save(out, kind, **options)
    return out.getvalue()


def forms() -> dict[str, bytes]:
    """The same picture in every form: the name of a file, and its bytes."""
    turned = Image.Exif()
    turned[ORIENTATION] = TO_THE_RIGHT
    lying = picture().transpose(Image.Transpose.ROTATE_90)
    moving = {"save_all": True, "append_images": [Image.new("RGB", (400, 300))], "duration": 500}
    deep = cv2.imencode(".png", np.asarray(picture()).astype(np.uint16) * 257)[1].tobytes()
    return {
        "1.jpg": file("JPEG"),
        "2.avif": file("AVIF"),
        "3.gif": file("GIF"),
        "4.bmp": file("BMP"),
        "5.webp": file("WEBP", lossless=True),
        "6.jpeg": file("JPEG", lying, exif=turned),
        "7.jfif": file("JPEG", picture(9000, 6750), quality=60),
        "8.jpg": file("PNG"),  # as another program renamed it
        "9.png": deep,
        "10.jpg": file("JPEG", picture().convert("CMYK")),
        "11.webp": file("WEBP", **moving),
        "12.png": file("PNG", **moving),
        "13.jpg": file("JPEG") + b"\xff\xda" * 100,
    }


def test_whatever_the_browser_shows_is_sent_as_a_jpeg_the_server_takes(site: Running, page: Page) -> None:
    chosen = forms()
    site.with_roster(*(f"{number},Student {number}" for number in range(1, len(chosen) + 1)))
    names = {site.student(name.partition(".")[0])["key"]: name for name in chosen}
    sent: dict[str, bytes] = {}

    def keep(route: Route) -> None:
        sent[names[route.request.url.split("/students/")[1].split("/")[0]]] = route.request.post_data_buffer or b""
        assert route.request.headers["content-type"] == "image/jpeg"
        body = json.dumps({"status": 422, "code": "no_face", "detail": "No face."})
        route.fulfill(status=422, content_type="application/problem+json", body=body)

    page.route("**/students/*/faces*", keep)
    upload(page, site, chosen)
    expect(page.locator("#photos-summary")).to_have_text(f"0 faces registered, {len(chosen)} photos not used.")
    assert set(sent) == set(chosen)
    for name, data in sent.items():
        frame = decode(data, PHOTO)
        assert frame.shape == ((1200, 1600, 3) if name == "7.jfif" else (300, 400, 3)), name
        rows, columns = frame.shape[0] // 4, frame.shape[1] // 4
        corners = [int(frame[y, x].mean()) for y in (rows, -rows) for x in (columns, -columns)]
        assert corners[0] > 180, name
        assert max(corners[1:]) < 80, name


def test_what_the_browser_cannot_show_is_said_in_words(jane: Running, page: Page) -> None:
    jane.with_roster("001,John Doe", "3,Ann Lee", "4,Bo Li")
    heic = b"\0\0\0\x18ftypheic" + bytes(40)
    upload(page, jane, {"001.heic": heic, "3.jpg": heic, "4.png": b"no picture"})
    report = page.locator("#photos-list")
    expect(report).to_contain_text("This browser can’t read HEIC photos. Save the photo as JPEG first")
    expect(report.get_by_text("HEIC photos")).to_have_count(2)
    expect(report).to_contain_text("This browser can\u2019t read the picture.")


def test_names_that_hold_an_id_are_offered(
    jane: Running, puppets: dict[str, Puppet], page: Page, axe: Check, shoot: Shoot
) -> None:
    jane.with_roster("001,John Doe", "1001,Adaeze Okoye", "1002,Tomasz Wójcik", "4,Bo Li")
    other = puppets[OTHER].jpeg()
    lying = cv2.imencode(".jpg", np.rot90(astronaut().frame()))[1].tobytes()
    upload(
        page,
        jane,
        {"Okoye, Adaeze (1001).jpg": other, "IMG_1002.jpg": other, "1001 and 1002.jpg": other, "001.jpg": lying},
    )
    summary = page.locator("#photos-summary")
    expect(summary).to_have_text("0 faces registered, 2 photos not used, 2 photos to confirm.", timeout=SESSION)
    report = page.locator("#photos-list")
    expect(report).to_contain_text("The file name fits several IDs: 1001, 1002.")
    expect(report).to_contain_text(
        "The photo is on its side. Turn it a quarter to the right, save it, and send it again."
    )
    expect(page.locator("#photos-report")).to_be_focused()
    use = page.get_by_role("button", name="Register the marked photos")
    expect(use).to_be_disabled()
    assert not jane.student("1001")["registered"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Mark all", exact=True)).to_be_checked()
    every_look(page, axe)
    shoot(page, "faculty-photos-offered")
    page.locator("#photos-offered li", has_text="IMG_1002.jpg").get_by_role("checkbox").uncheck()
    use.click()
    expect(summary).to_have_text("1 face registered, 2 photos not used, 1 photo to confirm.", timeout=SESSION)
    expect(report).to_contain_text("Registered: Adaeze Okoye")
    assert jane.student("1001")["sources"] == ["photo"]
    assert not jane.student("1002")["registered"]


def upload(page: Page, site: Running, chosen: dict[str, bytes]) -> None:
    page.goto(f"{site.address}/faculty#students")
    expect(page.locator("#rows tr").first).to_be_visible()  # whose photos they are is looked up in the list
    page.get_by_role("button", name="Upload photos").click()
    page.locator("#photo-files").set_input_files(
        [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in chosen.items()]
    )
