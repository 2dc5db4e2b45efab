"""``python -m docs``: write anew what the code makes of the pages, which is the output of their programs, a table and the pictures."""

from .pages import PAGES, filled
from .pictures import PICTURES, save

for page in PAGES:
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
for name in PICTURES:
    save(name)
