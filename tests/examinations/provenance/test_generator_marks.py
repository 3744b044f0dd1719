"""Marks in the layouts that generators write, and innocent texts that look like them."""

import io
import json
import time

import pytest
from PIL import Image, PngImagePlugin

from veridical.examinations.provenance.generator_marks import examine
from veridical.knowledge.generators import names_generator
from veridical.knowledge.source_types import SYNTHETIC, synthetic_term
from veridical.media.container import Container
from veridical.media.credentials import Credentials
from veridical.media.decoder import Decoder
from veridical.media.metadata import Metadata, read_metadata

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
WEB_UI = "a castle\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 123, Size: 512x512"
COMFY = json.dumps(
    {"3": {"class_type": "KSampler", "inputs": {"seed": 5}}, "4": {"class_type": "VAEDecode", "inputs": {}}}
)
CANVAS = json.dumps({"last_node_id": 9, "nodes": [{"id": 1, "type": "KSampler"}], "links": [[1, 2]]})
MIDJOURNEY = "a castle --v 5 Job ID: 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
NOTHING = Credentials(presence="absent", reason="", state="", statuses=(), store_json="", remnants=())


def says(comments=(), unreadable=(), **blocks):
    empty = {name: {} for name in ("exif", "xmp", "iptc", "png_text", "tags")}
    return Metadata(**(empty | blocks), comments=comments, unreadable=unreadable)


def box(encoders=None):
    return Container(
        format="png", brands=(), parts=(), streams=(), encoders=encoders or {}, key_frame_s=(), trailing_bytes=0
    )  # fmt: skip


def ask(credentials=NOTHING, encoders=None, **blocks):
    return examine(says(**blocks), box(encoders), credentials)


def test_the_list_of_source_types_follows_the_library_of_c2pa():
    import c2pa

    known = {term.name.replace("_", "").lower() for term in c2pa.C2paDigitalSourceType}
    assert {term.lower() for term in SYNTHETIC} <= known
    real = {"digitalcapture", "computationalcapture", "negativefilm", "positivefilm", "print", "humanedits"}
    assert not real & {term.lower() for term in SYNTHETIC}


@pytest.mark.parametrize(
    ("blocks", "name"),
    [
        ({"png_text": {"parameters": WEB_UI}}, "Stable Diffusion web UI"),
        ({"exif": {"EXIF UserComment": WEB_UI}}, "Stable Diffusion web UI"),
        ({"png_text": {"prompt": COMFY, "workflow": CANVAS}}, "ComfyUI"),
        ({"exif": {"Image Make": "workflow:" + CANVAS, "Image Model": "prompt:" + COMFY}}, "ComfyUI"),
        ({"tags": {"comment": json.dumps({"prompt": json.loads(COMFY)})}}, "ComfyUI"),
        ({"png_text": {"invokeai_metadata": json.dumps({"positive_prompt": "x"})}}, "InvokeAI"),
        ({"png_text": {"Dream": '"a castle" -s 50 -S 1234 -W 512 -H 512'}}, "InvokeAI"),
        ({"png_text": {"Software": "NovelAI", "Comment": json.dumps({"uc": "", "sampler": "k", "steps": 28})}}, "NovelAI"),
        ({"png_text": {"parameters": json.dumps({"sui_image_params": {"prompt": "x"}})}}, "SwarmUI"),
        ({"png_text": {"Description": MIDJOURNEY}}, "Midjourney"),
        ({"comments": (WEB_UI,)}, "Stable Diffusion web UI"),
        ({"xmp": {"xmp:CreatorTool": "Draw Things"}}, "Draw Things"),
        ({"xmp": {"photoshop:Credit": "Made with Google AI"}}, "Google AI"),
        ({"iptc": {"Credit": "Edited with Google AI"}}, "Google AI"),
        ({"xmp": {"photoshop:Credit": "Apple Photos Clean Up"}}, "Apple Clean Up"),
        ({"exif": {"Image Software": "Adobe Firefly 1.0"}}, "Adobe Firefly"),
        ({"exif": {"Image Software": "DALL·E 3"}}, "DALL·E"),
        ({"iptc": {"Originating Program": "Stable Diffusion XL"}}, "Stable Diffusion"),
        ({"xmp": {"xmpMM:History[1]/stEvt:softwareAgent": "Midjourney"}}, "Midjourney"),
        ({"tags": {"encoder": "ElevenLabs"}}, "ElevenLabs"),
        ({"encoders": {"stream 0 software": "Runway Gen-3"}}, "Runway"),
        ({"xmp": {"Iptc4xmpExt:DigitalSourceType": IPTC + "trainedAlgorithmicMedia"}}, "source type trainedAlgorithmicMedia"),
        ({"xmp": {"Iptc4xmpExt:DigitalSourceFileType": "digsrctype:compositeSynthetic"}}, "source type compositeSynthetic"),
        ({"xmp": {"Iptc4xmpExt:AISystemUsed": "some model"}}, "AI system field"),
        ({"xmp": {"TC260:AIGC": '{"Label":"1","ContentProducer":"maker"}'}}, "label GB 45438"),
        ({"tags": {"AIGC": '{"Label":"2"}'}}, "label GB 45438"),
    ],
)  # fmt: skip
def test_a_known_mark_is_found_once_and_repeated_in_words(blocks, name):
    seen = ask(**blocks)
    assert seen.value == 1
    assert seen.exhibits[0].rows[0][0] == name
    assert seen.declares
    assert name in seen.observation


@pytest.mark.parametrize(
    "blocks",
    [
        {"exif": {"Image Artist": "Dalle", "Image Copyright": "Midjourney Studios"}},
        {"exif": {"Image Software": "Dalle Photo 2"}},
        {"exif": {"Image Software": "DALLEGRO"}},
        {"iptc": {"By-line": "Sora Firefly", "Caption/Abstract": "A stable diffusion of gas, drawn with Stable Diffusion"}},
        {"iptc": {"Credit": "Sora Tanaka / Bark Agency", "Source": "Luma Press"}},
        {"xmp": {"dc:title": "Midjourney", "dc:subject": "DALL-E; ComfyUI", "dc:description": "a portrait made in 20 steps"}},
        {"xmp": {"Iptc4xmpExt:DigitalSourceType": IPTC + "digitalCapture"}},
        {"xmp": {"Iptc4xmpExt:DigitalSourceType": IPTC + "humanEdits"}},
        {"png_text": {"Software": "gnome-screenshot", "parameters": "width=3", "prompt": "Look left", "workflow": "scan"}},
        {"png_text": {"Comment": json.dumps({"steps": 3, "note": "recipe"}), "workflow": json.dumps({"nodes": "two"})}},
        {"png_text": {"Description": "Job ID: 4711", "prompt": "{not json", "Dream": "I had a dream"}},
        {"tags": {"encoder": "Lavf60.16.100", "comment": "Steps: 20 to the door", "handler_name": "VideoHandler"}},
        {"tags": {"AIGC": "no label", "encoder": "Bark"}},
        {"encoders": {"stream 0 data": "x264 - core 164 r3095", "container encoder": "LAME3.100"}},
        {"comments": ("CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90",)},
    ],
)  # fmt: skip
def test_innocent_texts_are_no_marks(blocks):
    seen = ask(**blocks)
    assert seen.value == 0
    assert seen.declares == ()
    assert seen.exhibits == ()
    assert "says nothing" in seen.limits[-1]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("D-ID", "D-ID"), ("AD-IDENT", None), ("Photo D-IDs", None), ("roop-unleashed", "Roop"), ("Troop", None),
        ("OpenAI Sora", "Sora"), ("Sora", None), ("FLUX.1 [dev]", "FLUX"), ("f.lux", None), ("Flux capacitor", None),
        ("piper-tts", "Piper"), ("Piper", None), ("Luma AI", "Luma Dream Machine"), ("Luma", None),
        ("Adobe Photoshop 25.0", None), ("eSpeak NG 1.51", "eSpeak"), ("HDRunway MLab", None),
    ],
)  # fmt: skip
def test_names_are_matched_as_whole_words(text, name):
    assert names_generator(text) == name


def test_the_same_statement_in_two_places_counts_once_and_different_ones_add_up():
    term = IPTC + "trainedAlgorithmicMedia"
    seen = ask(
        xmp={"Iptc4xmpExt:DigitalSourceType": term, "xmp:CreatorTool": "ComfyUI"},
        png_text={"prompt": COMFY, "workflow": CANVAS},
    )
    assert seen.value == 2
    assert seen.facts["places"] == 4


def signed(assertions, **more):
    store = json.dumps({"active_manifest": "a", "manifests": {"a": {"assertions": assertions, **more}}})
    return Credentials(presence="present", reason="", state="Valid", statuses=(), store_json=store, remnants=())


def test_marks_in_content_credentials_are_found():
    action = {
        "action": "c2pa.created",
        "digitalSourceType": IPTC + "trainedAlgorithmicMedia",
        "softwareAgent": {"name": "DALL-E"},
    }
    assertions = [{"label": "c2pa.actions", "data": {"actions": [action]}}]
    seen = ask(signed(assertions, claim_generator_info=[{"name": "ChatGPT"}]))
    assert {row[0] for row in seen.exhibits[0].rows} == {
        "source type trainedAlgorithmicMedia",
        "DALL·E",
        "OpenAI image model",
    }
    assert seen.value == 3
    camera = {"action": "c2pa.created", "digitalSourceType": IPTC + "digitalCapture", "softwareAgent": "Camera 1"}
    title = "Midjourney"  # a title is no statement by software
    assert ask(signed([{"label": "c2pa.actions", "data": {"actions": [camera]}}], title=title)).value == 0


def test_what_could_not_be_read_is_told():
    broken = Credentials(presence="unreadable", reason="x", state="", statuses=(), store_json="", remnants=())
    limits = ask(broken, unreadable=("XMP: it is no XML",)).limits
    assert any("XMP: it is no XML" in limit for limit in limits)
    assert any("Content Credentials could not be read" in limit for limit in limits)


def test_long_hostile_text_takes_no_time():
    start = time.process_time()
    text = "Steps: 1, " * 100_000
    assert ask(png_text={"parameters": text, "Dream": "-s 1 " * 100_000, "prompt": "{" * 100_000}).value == 0
    assert time.process_time() - start < 1


def test_source_types_are_read_as_uri_code_or_term():
    assert (
        synthetic_term("https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/")
        == "trainedAlgorithmicMedia"
    )
    assert synthetic_term("http://c2pa.org/digitalsourcetype/trainedAlgorithmicData") == "trainedAlgorithmicData"
    assert synthetic_term("TrainedAlgorithmicMedia") == "trainedAlgorithmicMedia"
    assert synthetic_term("not trainedAlgorithmicMedia") is None


def test_a_real_file_goes_all_the_way(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", WEB_UI)
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, "PNG", pnginfo=info)
    path = tmp_path / "made.png"
    path.write_bytes(file.getvalue())
    decoder = Decoder(path)
    try:
        assert examine(read_metadata(decoder), box(), NOTHING).value == 1
    finally:
        decoder.close()
