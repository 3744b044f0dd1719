"""A safe reader of XMP packets: RDF flattened to ``prefix:Name`` → text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from ._text import clean

_DEEPEST = 40
_MOST = 5000
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_ARRAYS = frozenset({f"{_RDF} Bag", f"{_RDF} Seq", f"{_RDF} Alt"})

# Files may bind any prefix to a namespace; properties are reported under these.
_PREFIXES = {
    _RDF: "rdf",
    _XML: "xml",
    "adobe:ns:meta/": "x",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/bj/": "xmpBJ",
    "http://ns.adobe.com/xap/1.0/t/pg/": "xmpTPg",
    "http://ns.adobe.com/xap/1.0/g/": "xmpG",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/xap/1.0/sType/Version#": "stVer",
    "http://ns.adobe.com/xap/1.0/sType/Dimensions#": "stDim",
    "http://ns.adobe.com/xap/1.0/sType/Area#": "stArea",
    "http://ns.adobe.com/xap/1.0/sType/Font#": "stFnt",
    "http://ns.adobe.com/xap/1.0/sType/Job#": "stJob",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.adobe.com/xmp/1.0/DynamicMedia/": "xmpDM",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
    "http://ns.google.com/photos/1.0/depthmap/": "GDepth",
    "http://ns.google.com/photos/1.0/image/": "GImage",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://ns.apple.com/faceinfo/1.0/": "apple-fi",
    "http://ns.apple.com/HDRGainMap/1.0/": "HDRGainMap",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.attribution.com/ads/1.0/": "Attrib",
}


@dataclass(slots=True)
class _Node:
    name: str
    attributes: dict[str, str]
    children: list[_Node] = field(default_factory=list)
    text: str = ""


class _Reader:
    """Builds the tree; refuses document types, and with them every entity that a file could define."""

    def __init__(self) -> None:
        self.root = _Node("", {})
        self.prefixes: dict[str, str] = {}
        self._open = [self.root]
        self._parser = expat.ParserCreate("utf-8", " ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartNamespaceDeclHandler = self._namespace
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, data: bytes) -> None:
        self._parser.Parse(data, True)

    def _refuse(self, *_: object) -> NoReturn:
        raise ValueError("it declares a document type, which XMP may not")

    def _namespace(self, prefix: str | None, uri: str) -> None:
        self.prefixes.setdefault(uri, prefix or "ns")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > _DEEPEST:
            raise ValueError(f"it nests deeper than {_DEEPEST} levels")
        node = _Node(name, attributes)
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text += text


def parse(packet: bytes) -> dict[str, str]:
    """Return the properties of an XMP packet.

    Arrays are joined by "; ". Structures give one property a field: "xmpMM:DerivedFrom/stRef:documentID", and in arrays
    "xmpMM:History[1]/stEvt:action".

    Raises
    ------
    ValueError
        If it is no well-formed XML, declares a document type, nests too deep or has too many properties.
    """
    reader = _Reader()
    text = _decode(packet)
    start, end = text.find("<"), text.rfind(">")
    try:
        reader.feed(text[max(start, 0) : end + 1].encode(errors="replace"))
    except expat.ExpatError as error:
        raise ValueError(f"it is no well-formed XML ({error})") from error
    found = _Properties(reader.prefixes)
    for rdf in _find(reader.root, f"{_RDF} RDF"):
        for description in rdf.children:
            found.description(description, "")
    return found.values


def _decode(packet: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe\0\0", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if packet.startswith(mark):
            return packet.decode(encoding, "replace")
    return packet.decode("utf-8-sig", "replace")


def _find(node: _Node, name: str) -> list[_Node]:
    if node.name == name:
        return [node]
    return [match for child in node.children for match in _find(child, name)]


class _Properties:
    def __init__(self, prefixes: dict[str, str]) -> None:
        self.values: dict[str, str] = {}
        self._prefixes = prefixes

    def description(self, node: _Node, base: str) -> None:
        """Take the attributes and elements of an ``rdf:Description`` or of a structure."""
        for name, value in self._fields(node).items():
            self._add(base + self._name(name), value)
        for child in node.children:
            of_itself = child.name == f"{_RDF} value" and base
            self._property(child, base.removesuffix("/") if of_itself else base + self._name(child.name))

    def _property(self, node: _Node, key: str) -> None:
        if f"{_RDF} resource" in node.attributes:
            self._add(key, node.attributes[f"{_RDF} resource"])
        if not node.children:
            if node.text.strip():
                self._add(key, node.text)
            for name, value in self._fields(node).items():
                self._add(f"{key}/{self._name(name)}", value)
            return
        for child in node.children:
            if child.name in _ARRAYS:
                self._array(child, key)
            elif child.name == f"{_RDF} Description":
                self.description(child, f"{key}/")
            elif child.name == f"{_RDF} value":
                self._property(child, key)
            else:
                self._property(child, f"{key}/{self._name(child.name)}")

    def _array(self, node: _Node, key: str) -> None:
        plain = []
        for place, item in enumerate(node.children, 1):
            if item.children or self._fields(item):
                self._property(item, f"{key}[{place}]")
            else:
                plain.append(item.attributes.get(f"{_RDF} resource") or item.text)
        if plain:
            self._add(key, "; ".join(clean(text) for text in plain))

    def _fields(self, node: _Node) -> dict[str, str]:
        return {
            name: value for name, value in node.attributes.items() if name.partition(" ")[0] not in (_RDF, _XML)
        }  # fmt: skip

    def _name(self, name: str) -> str:
        uri, _, local = name.rpartition(" ")
        return f"{_PREFIXES.get(uri) or self._prefixes.get(uri, 'ns')}:{local}" if uri else local

    def _add(self, key: str, text: str) -> None:
        if len(self.values) >= _MOST:
            raise ValueError(f"it has more than {_MOST} properties")
        old, new = self.values.get(key), clean(text)
        self.values[clean(key)] = new if old in (None, "", new) else f"{old}; {new}"
