"""Names by which generators of pictures, videos and voices call themselves where a file names its software.

Only for fields in which software names itself: there, the name of a tool says that the tool wrote the file. Most of these
tools write nothing, or a name nobody has seen yet. Patterns are matched case-sensitively at word boundaries; names that are
also words or people's names need a version, a maker or punctuation beside them.

Seen written by the tools: NovelAI, InvokeAI, ComfyUI, the web UI and its forks, SwarmUI, Fooocus, Draw Things, Midjourney
(read in the documentation of https://github.com/enslo/sd-metadata, 2026-11); credits of Google's and Apple's editors
(https://github.com/MediaArea/MediaInfoLib/pull/2275, 2025-04; https://blog.google/products/photos/ai-transparency/, 2024-10).
The others are the makers' own spellings.
"""

from __future__ import annotations

import re

# (name shown, pattern), pictures first, then videos, then voices and music
_NAMES = (
    ("Stable Diffusion web UI", r"AUTOMATIC1111|[Ss]table[- ]?[Dd]iffusion[- ]?[Ww]eb ?UI"),
    ("Stable Diffusion", r"[Ss]table[ -]?[Dd]iffusion(?: ?XL)?|SDXL|DreamStudio|Stability ?AI"),
    ("ComfyUI", r"ComfyUI"),
    ("InvokeAI", r"Invoke ?AI"),
    ("NovelAI", r"NovelAI"),
    ("SwarmUI", r"(?:Stable)?SwarmUI"),
    ("Fooocus", r"(?:Ruined ?)?Fooocus"),
    ("Draw Things", r"Draw Things"),
    ("Easy Diffusion", r"Easy Diffusion"),
    ("Midjourney", r"[Mm]id[Jj]ourney"),
    ("DALL·E", r"DALL[·•∙・-]E(?: ?\d)?|[Dd]all-?[Ee][ -][23]|DALLE[ -]?[23]"),
    ("OpenAI image model", r"gpt-image-\d(?:\.\d)?|OpenAI Image(?:s| API)?|ChatGPT"),
    ("Adobe Firefly", r"Adobe Firefly|Adobe_Firefly"),
    ("Google Imagen or Gemini", r"Google Imagen|Imagen \d|Google Gemini|Gemini \d(?:\.\d)? \w+ Image|Nano Banana"),
    ("Google AI", r"Made with Google AI|Edited with Google AI|AI[- ][Gg]enerated with Google(?: Photos)?"),
    ("Apple Clean Up", r"Apple Photos Clean Up"),
    ("Apple Image Playground", r"(?:Apple )?Image Playground"),
    ("Bing Image Creator", r"Bing Image Creator|Microsoft Designer Image Creator"),
    ("FLUX", r"FLUX\.[12](?: ?\[?\w+\]?)?|Black Forest Labs"),
    ("Leonardo.Ai", r"Leonardo\.[Aa][Ii]"),
    ("Ideogram", r"Ideogram(?:\.ai| AI| \d)"),
    ("Recraft", r"Recraft(?:\.ai| AI| V\d)"),
    ("Grok", r"xAI Grok|Grok Imagine"),
    ("ThisPersonDoesNotExist", r"(?i:this[ -]?person[ -]?does[ -]?not[ -]?exist)"),
    ("Sora", r"OpenAI Sora|Sora \d"),
    ("Google Veo", r"Google Veo|Veo \d(?:\.\d)?"),
    ("Runway", r"Runway ?ML|Runway Gen-?\d"),
    ("Pika", r"Pika Labs|pika\.art"),
    ("Kling", r"Kling ?AI"),
    ("Luma Dream Machine", r"Luma Dream Machine|Luma ?AI"),
    ("HeyGen", r"HeyGen"),
    ("Synthesia", r"Synthesia(?:\.io)?"),
    ("D-ID", r"D-ID"),
    ("DeepFaceLab", r"DeepFaceLab"),
    ("FaceFusion", r"[Ff]ace[Ff]usion"),
    ("Roop", r"roop(?:-unleashed)?"),
    ("Wav2Lip", r"Wav2Lip"),
    ("SadTalker", r"SadTalker"),
    ("LivePortrait", r"LivePortrait"),
    ("ElevenLabs", r"Eleven ?Labs"),
    ("Resemble AI", r"Resemble(?: |\.)[Aa][Ii]"),
    ("PlayHT", r"Play\.?HT|play\.ht"),
    ("Murf", r"Murf(?:\.ai| AI)"),
    ("Coqui", r"Coqui TTS|XTTS(?:[- ]?v\d)?"),
    ("Tortoise", r"[Tt]ortoise[- ]?(?:TTS|tts)"),
    ("Bark", r"[Ss]uno[ /-][Bb]ark"),
    ("Amazon Polly", r"(?:Amazon|AWS) Polly"),
    ("eSpeak", r"eSpeak(?:[ -]?NG)?|espeak-ng"),
    ("Piper", r"[Pp]iper[ -]?TTS|piper-tts"),
    ("Suno", r"Suno(?:\.ai| AI| v\d)|suno\.com"),
    ("Udio", r"Udio(?:\.com| AI)"),
)
_PATTERNS = tuple((name, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")) for name, pattern in _NAMES)


def names_generator(text: str) -> str | None:
    """Return the generator that a text names, or None; the text must come from a field in which software names itself."""
    return next((name for name, pattern in _PATTERNS if pattern.search(text)), None)
