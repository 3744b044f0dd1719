"""The fixed words of docs/validation/evidence.md."""

CONDITION_WORDS = {
    "image": {"jpeg_75": "JPEG 75", "half": "half size, JPEG 60–95", "common": "256 px square, JPEG 60–95"},
    "audio": {
        "common": "common level and band", "telephone": "then telephone", "mp3_64": "then MP3 64 kbit/s",
        "opus_16": "then Opus 16 kbit/s",
    },
    "video": {"common": "224 px, H.264 CRF 23", "common+h264_33": "then H.264 CRF 33"},
}  # fmt: skip
HEAD = """# Evidence: what likelihood ratios are worth on sources left out

Written by `python bench/evidence.py page DATA`; its steps stand in its head. The tables are of {date}.

**In short.** Pictures with a face: findings that look at the face, weighed together, tell generated faces from photographs
of collections they have not seen with a Cllr of about 0.7 (1 is worth nothing); LRs from 1/14 to 10. Voices: about 0.84 to
0.89, LRs from 1/2.3 to 6.5. Where each source counts once, not each file, it is 0.84 to 0.87 for pictures and 0.91 to 0.99 for
voices: the larger sources are the easier ones, a voice by telephone from a new source may be weighed hardly better than not at
all, and real portraits of a good camera (FFHQ, seegma) are the ones that are misjudged. Pictures without a face, clips,
edits, and everything else that is measured: no LR. Nothing reaches "moderately strong".

Every value is of a network that had not seen the fold of the file (bench/pictures.py, bench/voices.py). The networks that are
shipped have seen all folds, so that on other collections the values of a shipped network may spread a little differently: this
page cannot say by how much. Both labels went through the same processing under every condition here. Files as published are
neither fitted nor judged on: size, format and coding give their label away (docs/validation/pictures.md: 1.00 AUC for these
alone). A file counts as fake if it was generated, edited or converted.

*Sources left out* means that nothing was fitted on the source that is judged: no table, no fused model, no standardisation.
*End to end* goes further: with the source go its generators and its speakers, and every refusal of a report holds (range
of values, range of qualities, no face); of voices the quality was measured for five files in six, the others were taken to
be within the range. Cllr is in bits: 0 is perfect, 1 is worth nothing, above 1 it misleads. Cllr_min is what the best
calibration of these very files could reach. With 12 to 15 sources every figure is rough; intervals say how rough."""
HOLDS = """The members of the fused models were chosen on these sources left out, of about ten ways: single findings, plain
means and weighted sums of two to four of them, and so were the ridge of the fused model, of three, and that of the tables, of
two. Of voices the plain mean replaced a weighted sum of two groups after that sum had been seen to be no better than the best
single finding by telephone. Such choices make the fused figures a little too good."""
FUSED = {
    "image": """Fused: {parts}. Both look at the same face, so that they are one group; without a face it is silent, for there
the values were worth nothing (see the refused condition in the tables). The sum stays within {lowest:.2f} and {upper:+.2f}:
"moderate" support at most. {cases} files and conditions of {sources} sources.""",
    "audio": """Fused: {parts}. The sum stays within {lowest:.2f} and {upper:+.2f}: "weak" support at most. {cases} files and
conditions of {sources} sources; 100 telephone prompts among them are real recordings of few voices.""",
}
VIDEO = """No table and no fused model: nothing measured in a moving picture is weighed. There are 70 clips with a label
and one face: 24 fakes of two sources (19 crops of one data set of swaps, 5 of one generator of talking heads) and 46 real
ones, of which 41 are of three sources. Leave one of the two sources of fakes out, and one is left to learn from: what
would be learned is that source. No source holds both labels in number. The values are of a run of `make validation`
(chain *common*: 224 px, 25 frames a second, H.264 CRF 23). It would take fakes of at least four sources and two
generators a category, real clips of the same people or sources, 20 people a label in each source, and 10 s or more of a
clip where eyes, pulse and head are asked."""
TABLES_TEXT = """An examination has a table only if, on sources left out, the 90 % interval of its Cllr (whole sources
drawn again) lies below 1 under every condition. Of two ridges the weaker with which that holds is taken: a ridge draws
all LRs towards 1, as far as unseen sources demand. Bounds are the narrowest of ELUB on the files fitted on, ELUB on
sources left out, and n + 1, a person or what one system made of one speaker counting once. A finding that has a table and
is in no fused model is shown with its own LR and adds nothing to the conclusion."""
OTHERS = """These were measured under the same conditions, on a sample of each source, and have no table. A report says so
beside the value (`evidence/tables/unfit.json`). Most look for a part that was pasted or edited; the fakes here are nearly
all made as a whole, so this says nothing of how well they find an edit: for that see docs/validation/localisation.md and
separation.md. Examiner's aids and what a file states about itself are never weighed and are not listed."""
MADE_FROM = """The collections themselves are not part of this project; their terms are their owners'."""
ALARMS = """The program with the shipped tables: on photographs without a face, 32 of them (16 photographs of six cameras
that no network was taught with, at half size and as a square of 256 px), the rest scenes of the labelled collections,
which the shipped networks were taught with as real; on tones made by arithmetic (sines, chords, rising and pulsing tones,
overtones); and on faces, fake and real, brought to a state that nothing was calibrated on (48 px, 2600 px, JPEG of
quality 4, noise of 45 steps). Of pictures only the examinations of `learned` were asked, for no other has a table; the
adversarial probe, which is never weighed, was left out. That non-faces and tones get no LR is what the refused conditions
are for; it is no proof of skill."""
