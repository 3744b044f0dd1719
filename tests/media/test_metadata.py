import struct
import zlib
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from veridical.media.decode import _iptc, _xmp
from veridical.media.decode import metadata as operation
from veridical.media.decoder import Decoder
from veridical.media.metadata import Metadata, read_metadata

PICTURE = Image.fromarray(np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3))
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def packet(inside: str, spaces: str = "") -> bytes:
    return (
        f'<?xpacket begin="\ufeff"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {RDF}>'
        f'<rdf:Description rdf:about="" {spaces}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
        f'<?xpacket end="w"?>'
    ).encode()  # fmt: skip


TOOL = packet("<xmp:CreatorTool>Paint 3</xmp:CreatorTool>", 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"')


class Direct:
    def __init__(self, path: Path) -> None:
        self.path = path

    def ask(self, name: str):
        (message,) = operation.read(self.path)
        return message


def metadata(path: Path) -> Metadata:
    return read_metadata(Direct(path))


def save(tmp_path: Path, name: str, **options) -> Path:
    path = tmp_path / name
    if name.endswith("heic"):
        pytest.importorskip("pillow_heif").register_heif_opener()
    PICTURE.save(path, **options)
    return path


def exif() -> Image.Exif:
    block = Image.Exif()
    block[0x10F] = "Maker"
    block[0x131] = "Studio 9"
    block.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"
    block.get_ifd(0x8769)[0x927C] = b"secret maker note" * 20
    block.get_ifd(0x8825)[1] = "N"
    return block


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.avif", "a.tif", "a.heic"])
def test_exif_in_every_format(tmp_path, name):
    options = {"exif": exif()}
    if name == "a.tif":  # Pillow writes no directory below the first one from ``exif`` into a TIFF file
        below = {34665: {0x9003: "2024:05:06 07:08:09", 0x927C: b"secret maker note" * 20}, 34853: {1: "N"}}
        options = {"tiffinfo": {0x10F: "Maker", 0x131: "Studio 9", **below}}
    found = metadata(save(tmp_path, name, **options))
    assert found.exif["Image Make"] == "Maker"
    assert found.exif["Image Software"] == "Studio 9"
    assert found.exif["EXIF DateTimeOriginal"] == "2024:05:06 07:08:09"
    assert found.exif["GPS GPSLatitudeRef"] == "N"
    assert not any("MakerNote" in key or "secret" in value for key, value in found.exif.items())
    assert found.unreadable == ()


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.avif", "a.tif", "a.heic", "a.gif"])
def test_xmp_in_every_format(tmp_path, name):
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", TOOL.decode(), zip=True)
    special = {"a.png": {"pnginfo": info}, "a.tif": {"tiffinfo": {700: TOOL}}, "a.gif": {}}
    path = save(tmp_path, name, **special.get(name, {"xmp": TOOL}))
    if name == "a.gif":
        trailer = bytes([1, *range(255, -1, -1), 0])
        data = path.read_bytes()
        path.write_bytes(data[:-1] + b"!\xff\x0bXMP DataXMP" + TOOL + trailer + b";")
    found = metadata(path)
    assert found.xmp["xmp:CreatorTool"] == "Paint 3"
    assert found.png_text == {}
    assert found.unreadable == ()


def test_a_file_that_says_nothing(tmp_path):
    decoder = Decoder(save(tmp_path, "a.png"))
    found = read_metadata(decoder)
    decoder.close()
    assert found.empty
    assert found.unreadable == ()


@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le", "utf-16"])
def test_long_user_comments_are_whole(tmp_path, order):
    prompt = "portrait of a woman, Steps: 20, Sampler: Euler a, " * 60 + "Ende"
    block = Image.Exif()
    block.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + prompt.encode(order)
    block[0x9C9C] = "Kommentar".encode("utf-16-le") + b"\0\0"
    found = metadata(save(tmp_path, "a.jpg", exif=block))
    assert found.exif["EXIF UserComment"] == prompt
    assert found.exif["Image XPComment"] == "Kommentar"


def test_user_comments_in_other_characters(tmp_path):
    for code, raw, text in (
        (b"ASCII\0\0\0", b"plain", "plain"), (b"\0" * 8, "für".encode(), "für"), (b"noco", b"de at all", "nocode at all"),
        (b"JIS\0\0\0\0\0", "日本".encode("iso2022_jp"), "日本"),
    ):  # fmt: skip
        block = Image.Exif()
        block.get_ifd(0x8769)[0x9286] = code + raw
        assert metadata(save(tmp_path, "a.jpg", exif=block)).exif["EXIF UserComment"] == text


def test_long_values_are_cut_and_say_so(tmp_path):
    block = Image.Exif()
    block[0x10E] = "x" * 30_000
    block[0xC4A5] = bytes(range(200))
    found = metadata(save(tmp_path, "a.jpg", exif=block))
    assert found.exif["Image ImageDescription"].endswith("(30000 characters in all)")
    assert "(200 bytes)" in found.exif.values()


def test_damaged_exif_is_named_not_raised(tmp_path):
    rng = np.random.default_rng(4)
    whole = exif().tobytes()
    for _ in range(40):
        data = np.frombuffer(whole, np.uint8).copy()
        data[rng.integers(6, len(data), 12)] = rng.integers(0, 256, 12)
        found = metadata(save(tmp_path, "a.jpg", exif=data.tobytes()))
        assert isinstance(found.exif, dict)


SPACES = (
    'xmlns:a="http://purl.org/dc/elements/1.1/" xmlns:m="http://ns.adobe.com/xap/1.0/mm/" '
    'xmlns:r="http://ns.adobe.com/xap/1.0/sType/ResourceRef#" xmlns:e="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" '
    'xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:p="http://purl.org/dc/terms/" xmlns:own="urn:own" '
    'm:DocumentID="xmp.did:1" own:thing="kept"'
)
INSIDE = """
<a:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></a:creator>
<a:title><rdf:Alt><rdf:li xml:lang="x-default">Title &amp; more</rdf:li></rdf:Alt></a:title>
<i:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</i:DigitalSourceType>
<p:provenance rdf:resource="https://example.org/m.c2pa"/>
<m:DerivedFrom rdf:parseType="Resource"><r:documentID>xmp.did:0</r:documentID></m:DerivedFrom>
<m:Ingredients><rdf:Bag><rdf:li r:filePath="a.psd" r:part="/"/></rdf:Bag></m:Ingredients>
<m:History><rdf:Seq>
  <rdf:li rdf:parseType="Resource"><e:action>created</e:action></rdf:li>
  <rdf:li><rdf:Description e:action="saved" e:softwareAgent="Paint"/></rdf:li>
</rdf:Seq></m:History>
<a:source><rdf:Description><rdf:value>scan</rdf:value></rdf:Description></a:source>
<a:rights rdf:parseType="Resource"><rdf:value>mine</rdf:value></a:rights>
"""


def test_xmp_is_flattened_under_the_usual_prefixes():
    assert _xmp.parse(packet(INSIDE, SPACES)) == {
        "xmpMM:DocumentID": "xmp.did:1", "own:thing": "kept", "dc:creator": "Ann; Bob", "dc:title": "Title & more",
        "Iptc4xmpExt:DigitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        "dcterms:provenance": "https://example.org/m.c2pa", "xmpMM:DerivedFrom/stRef:documentID": "xmp.did:0",
        "xmpMM:Ingredients[1]/stRef:filePath": "a.psd", "xmpMM:Ingredients[1]/stRef:part": "/",
        "xmpMM:History[1]/stEvt:action": "created", "xmpMM:History[2]/stEvt:action": "saved",
        "xmpMM:History[2]/stEvt:softwareAgent": "Paint", "dc:source": "scan", "dc:rights": "mine",
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_xmp_in_any_encoding_and_padding(encoding):
    text = TOOL.decode().replace("Paint 3", "Größe")
    assert _xmp.parse(text.encode(encoding))["xmp:CreatorTool"] == "Größe"
    assert _xmp.parse(b"\0\0 " + TOOL + b" \n" * 500 + b"\0")["xmp:CreatorTool"] == "Paint 3"


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (LAUGHS + b"<x>&b;</x>", "document type"), (FILE + b"<x>&a;</x>", "document type"),
        (LAUGHS.decode().encode("utf-16") + "<x/>".encode("utf-16-le"), "document type"),
        (b"<a><b></a>", "well-formed"), (b"", "well-formed"), (b"<a>" * 60 + b"</a>" * 60, "deeper"),
        (packet("".join(f"<n:p{i}>1</n:p{i}>" for i in range(5001)), 'xmlns:n="urn:n"'), "5000 properties"),
    ],
)  # fmt: skip
def test_hostile_xmp_is_refused(tmp_path, data, says):
    with pytest.raises(ValueError, match=says):
        _xmp.parse(data)
    if 0 < len(data) < 60_000:
        found = metadata(save(tmp_path, "a.jpg", xmp=data))
        assert found.xmp == {}
        assert says in found.unreadable[0]


def segment(code: int, data: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(data) + 2) + data


def with_segments(tmp_path: Path, *segments: bytes) -> Path:
    path = save(tmp_path, "a.jpg")
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"".join(segments) + data[2:])
    return path


def test_extended_xmp_is_put_together(tmp_path):
    big = packet(f"<xmp:Label>{'L' * 900}</xmp:Label>", 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"')
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + struct.pack(">I", len(big))
    pieces = [segment(0xE1, head + struct.pack(">I", at) + big[at : at + 400]) for at in range(0, len(big), 400)]
    main = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + TOOL)
    found = metadata(with_segments(tmp_path, main, *reversed(pieces)))
    assert found.xmp == {"xmp:CreatorTool": "Paint 3", "xmp:Label": "L" * 900}
    found = metadata(with_segments(tmp_path, main, *pieces[1:]))
    assert found.xmp == {"xmp:CreatorTool": "Paint 3"}
    assert "a piece is missing" in found.unreadable[0]


def dataset(record: int, number: int, data: bytes, *, wide: bool = False) -> bytes:
    size = struct.pack(">HI", 0x8004, len(data)) if wide else struct.pack(">H", len(data))
    return bytes([0x1C, record, number]) + size + data


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    label = bytes([len(name)]) + name
    label += b"\0" * (len(label) % 2)
    return b"8BIM" + struct.pack(">H", number) + label + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)


IIM = (
    dataset(1, 90, b"\x1b%G") + dataset(2, 0, b"\0\4") + dataset(2, 80, "José".encode()) + dataset(2, 25, b"one")
    + dataset(2, 25, b"two") + dataset(2, 120, b"long " * 9000, wide=True) + dataset(2, 222, b"odd")
)  # fmt: skip


def test_iptc_in_photoshop_resources(tmp_path):
    resources = resource(0x03ED, b"abc", b"name") + resource(0x0404, IIM)
    half = len(resources) // 2
    parts = [segment(0xED, b"Photoshop 3.0\0" + piece) for piece in (resources[:half], resources[half:])]
    found = metadata(with_segments(tmp_path, *parts))
    assert found.iptc["By-line"] == "José"
    assert found.iptc["Keywords"] == "one; two"
    assert found.iptc["2:222"] == "odd"
    assert found.iptc["Caption/Abstract"].startswith("long long")
    assert "45000" in found.iptc["Caption/Abstract"] or "44999" in found.iptc["Caption/Abstract"]
    assert found.unreadable == ()


def test_iptc_in_latin_1_and_in_tiff(tmp_path):
    assert _iptc.parse(dataset(2, 80, "José".encode("latin-1")))["By-line"] == "José"
    for tag, value in ((33723, IIM), (34377, resource(0x0404, IIM))):
        info = {tag: value}
        assert metadata(save(tmp_path, "a.tif", tiffinfo=info)).iptc["By-line"] == "José"


@pytest.mark.parametrize(
    "data",
    [b"8BIM\4\4\0\0\0\0\xff\xffx", b"no resources at all", resource(0x0404, b"\x1c\2\x50\0\xffx"),
     resource(0x0404, b"what is this")],
)  # fmt: skip
def test_damaged_iptc_is_named(tmp_path, data):
    found = metadata(with_segments(tmp_path, segment(0xED, b"Photoshop 3.0\0" + data)))
    assert found.iptc == {}
    assert len(found.unreadable) == 1


def test_png_text(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler a")
    info.add_text("Software", "x" * 50, zip=True)
    info.add_itxt("Title", "Größe 日本", zip=True)
    info.add_itxt("Plain", "ok", zip=False)
    info.add_text("Comment", "one")
    info.add_text("Comment", "two")
    found = metadata(save(tmp_path, "a.png", pnginfo=info))
    assert found.png_text == {
        "parameters": "a cat\nSteps: 20, Sampler: Euler a", "Software": "x" * 50, "Title": "Größe 日本", "Plain": "ok",
        "Comment": "one; two",
    }  # fmt: skip


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunks(tmp_path: Path, *chunks: bytes) -> Path:
    path = save(tmp_path, "a.png")
    data = path.read_bytes()
    path.write_bytes(data[:33] + b"".join(chunks) + data[33:])
    return path


def test_text_bombs_and_broken_text_are_named(tmp_path):
    bomb = chunk(b"zTXt", b"bomb\0\0" + zlib.compress(bytes(50 << 20)))
    cut = chunk(b"zTXt", b"cut\0\0" + zlib.compress(b"text" * 99)[:-9])
    wrong = bytearray(chunk(b"tEXt", b"key\0value"))
    wrong[-1] ^= 1
    found = metadata(with_chunks(tmp_path, bomb, cut, bytes(wrong), chunk(b"iTXt", b"key2\0\1\0en\0")))
    assert found.png_text["key"] == "value"
    said = " ".join(found.unreadable)
    assert "more than 16 MiB" in said
    assert "cut off" in said
    assert "check sum is wrong" in said


def raw_profile(kind: str, data: bytes) -> bytes:
    text = f"\n{kind}\n{len(data):8d}\n{data.hex()}\n".encode()
    return chunk(b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + zlib.compress(text))


def test_raw_profiles_of_imagemagick(tmp_path):
    found = metadata(
        with_chunks(tmp_path, raw_profile("exif", exif().tobytes()), raw_profile("xmp", TOOL), raw_profile("iptc", IIM))
    )
    assert found.exif["Image Make"] == "Maker"
    assert found.xmp["xmp:CreatorTool"] == "Paint 3"
    assert found.iptc["By-line"] == "José"
    assert found.png_text == {}
    found = metadata(
        with_chunks(
            tmp_path, raw_profile("8bim", resource(0x0404, IIM)),
            raw_profile("APP1", b"http://ns.adobe.com/xap/1.0/\0" + TOOL),
        )
    )  # fmt: skip
    assert found.iptc["By-line"] == "José"
    assert found.xmp["xmp:CreatorTool"] == "Paint 3"


def test_comments(tmp_path):
    assert metadata(save(tmp_path, "a.jpg", comment="made with love")).comments == ("made with love",)
    assert metadata(save(tmp_path, "a.gif", comment=b"c" * 300)).comments == ("c" * 300,)


def test_control_characters_do_not_get_through(tmp_path):
    assert metadata(save(tmp_path, "a.jpg", comment="a\0b\x1b[31mc")).comments == ("ab[31mc",)


def test_tags_of_recordings(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "A title"
        container.metadata["comment"] = "AI generated"
        stream = container.add_stream("mpeg4", rate=25, width=32, height=32, pix_fmt="yuv420p")
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        for each in (frame, None):
            container.mux(stream.encode(each))
    uuid = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    path.write_bytes(path.read_bytes() + struct.pack(">I", 24 + len(TOOL)) + b"uuid" + uuid + TOOL)
    decoder = Decoder(path)
    found = read_metadata(decoder)
    decoder.close()
    assert found.tags["title"] == "A title"
    assert found.tags["comment"] == "AI generated"
    assert found.tags["stream0.handler_name"] == "VideoHandler"
    assert found.xmp["xmp:CreatorTool"] == "Paint 3"


def test_unreadable_recordings_are_named(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF\x24\0\0\0WAVE" + b"_PMX" + struct.pack("<I", len(TOOL)) + TOOL)
    found = metadata(path)
    assert found.xmp["xmp:CreatorTool"] == "Paint 3"
    assert "tags of the container" in found.unreadable[0]


def test_cut_blocks_are_named(tmp_path):
    path = save(tmp_path, "a.webp", xmp=TOOL)
    path.write_bytes(path.read_bytes()[:-40])
    found = metadata(path)
    assert found.xmp == {}
    assert "cut off" in found.unreadable[0]


def test_bigtiff_is_named(tmp_path):
    found = metadata(save(tmp_path, "a.tif", big_tiff=True))
    assert "BigTIFF" in found.unreadable[0]


def test_damaged_items_are_named(tmp_path):
    path = save(tmp_path, "a.avif", exif=exif(), xmp=TOOL)
    data = path.read_bytes()
    at = data.find(b"iloc")
    path.write_bytes(data[: at + 8] + b"\xff" * 20 + data[at + 28 :])
    found = metadata(path)
    assert found.exif == {}
    assert found.unreadable


def test_damaged_files_never_raise(tmp_path):
    rng = np.random.default_rng(6)
    for name in ("a.jpg", "a.png", "a.webp", "a.avif", "a.tif", "a.heic"):
        path = save(tmp_path, name, exif=exif(), **({} if name == "a.png" else {"xmp": TOOL}))
        whole = path.read_bytes()
        for _ in range(15):
            data = np.frombuffer(whole, np.uint8).copy()
            data[rng.integers(16, len(data), 10)] = rng.integers(0, 256, 10)
            path.write_bytes(data.tobytes())
            assert isinstance(metadata(path), Metadata)


def test_the_limits_of_the_decoder_process_allow_all_this(tmp_path):
    decoder = Decoder(save(tmp_path, "a.jpg", exif=exif(), xmp=TOOL, comment="hello"))
    found = read_metadata(decoder)
    decoder.close()
    assert (found.exif["Image Make"], found.xmp["xmp:CreatorTool"], found.comments) == ("Maker", "Paint 3", ("hello",))
