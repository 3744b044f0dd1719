"""The English wording of the examiner's report: parts D to F, the page in plain words, and the glossary."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENGLISH_FORMAL_RESULTS: Mapping[str, str] = MappingProxyType({
    # D
    "formal.D1.file": "File and structure",
    "formal.D1.metadata": "Metadata",
    "formal.D1.provenance": "Provenance",
    "formal.D1.compression": "Compression history",
    "formal.D1.global": "Picture as a whole",
    "formal.D1.local": "Parts of the picture",
    "formal.D1.sensor": "Sensor and noise",
    "formal.D1.physical": "Light, geometry and visible artefacts",
    "formal.D1.audio": "Sound",
    "formal.D1.sync": "Sound and picture together",
    "formal.D1.temporal": "Course over time",
    "formal.D1.semantic": "Meaning and identity",
    "formal.stream": "Stream",
    "formal.stream.holds": "As decoded",
    "formal.unable": "Asked, without a value:",
    "formal.unasked": "Not examined: {what}. No method on this topic was asked of this file.",
    "formal.finding.observation": "Observation",
    "formal.finding.value": "Derived value",
    "formal.finding.interpretation": "Interpretation",
    "formal.finding.alternatives": "Alternative explanations",
    "formal.finding.limitation": "Limitation",
    "formal.finding.states": "The file states",
    "formal.finding.where": "Where",
    "formal.finding.observed": "Examiner's observations (not weighed)",
    "formal.rows.more": "{n} further row is in the data.|{n} further rows are in the data.",
    "formal.finding.none": "None on record.",
    "formal.weighed": "log10 likelihood ratio {ratio} (interval {low} to {high}; the table supports {bottom} to "
    "{top}). Holds for: {condition}. Table: {table}.",
    "formal.unweighed": "It weighs nothing. {reason}",
    "formal.D2.original": "The exhibit",
    "formal.original.none": "There is no picture of this exhibit in the data of this report.",
    "formal.figures.reduced": "Reduced for print; the exhibit itself was examined in its own pixels",
    "formal.D2.overlays": "Maps, charts and marked places",
    "formal.overlays": "{n} figure stands with its finding.|{n} figures stand with their findings, maps over the original.",
    "formal.figures.none": "None: no finding has a figure.",
    "formal.D2.scale": "Scales",
    "formal.figures.scale": "The colours of every map stand for fixed values, printed under it; they do not depend on "
    "this file.",
    "formal.D2.coordinates": "Coordinates and times",
    "formal.coordinates": "Coordinates are stored pixels from the upper left corner, x to the right, y down; times are "
    "seconds from the start.",
    "formal.D2.command": "To make the figures again",
    "formal.figures.command": "{command} · then: veridical report REPORT.json",
    "formal.D3.quality": "State of the file",
    "formal.quality": "Measured: {listed}.",
    "formal.D3.laundering": "Re-encoding and laundering",
    "formal.D3.stability": "Stability under benign re-encoding",
    "formal.stability.spread": "Over the re-encodings the log10 likelihood ratio spreads by {spread}.",
    "formal.stability.variant": "Re-encoding",
    "formal.D3.disagreement": "Disagreement between methods",
    "formal.disagreement.both": "Weighed findings point to both sides:",
    "formal.disagreement.none": "Weighed findings do not point to both sides:",
    "formal.disagreement.first": "For the first proposition: {listed}",
    "formal.disagreement.second": "For the second proposition: {listed}",
    "formal.disagreement.neither": "Too little for either: {listed}",
    "formal.disagreement.raw": "No finding is weighed. {above} of {compared} values are above 95 in 100 of the "
    "pristine files that they are compared with: {listed}. The others are not; they are not averaged away.",
    "formal.disagreement.unread": "No finding is weighed or can be compared with pristine files, so that neither "
    "agreement nor disagreement can be stated.",
    "formal.D4.negative": "Not observed",
    "formal.negative": "Measured, and nothing that stands out for the first proposition:",
    "formal.negative.none": "None.",
    "formal.negative.weighed": "log10 likelihood ratio {ratio}",
    "formal.negative.usual": "usual among pristine files",
    "formal.negative.unread": "Measured, with nothing to read the value against: {listed}.",
    "formal.D4.inapplicable": "Could not be examined",
    "formal.inapplicable.none": "None: every question that was asked has a value.",
    "formal.D4.unasked": "Not examined",
    "formal.unasked.lead": "These questions were not asked; that says nothing either way.",
    "formal.unasked.none": "None: every question that this program knows was asked.",
    # E
    "formal.E1.conclusion": "Conclusion",
    "formal.E1.ratio": "Likelihood ratio",
    "formal.ratio": "log10 LR",
    "formal.ratio.none": "None: the findings were not weighed together, so no strength is stated.",
    "formal.ratio.first": "The findings are about {times} times more to be expected if the first proposition is true "
    "than if the second is.",
    "formal.ratio.second": "The findings are about {times} times more to be expected if the second proposition is true "
    "than if the first is.",
    "formal.ratio.point": "(log10 likelihood ratio {ratio}.)",
    "formal.E1.scale": "Verbal scale",
    "formal.scale.none": "No verbal scale is on record: nothing was weighed together.",
    "formal.scale.ratio": "Likelihood ratio",
    "formal.scale.words": "Words",
    "formal.scale.above": "from {low}",
    "formal.scale.note": "Edition: {edition}. Ratios below 1 are read as their reciprocals, for the second proposition.",
    "formal.E1.range": "Range and bounds",
    "formal.range.none": "None, as there is no likelihood ratio.",
    "formal.range.interval": "Nine-in-ten interval of the log10 likelihood ratio: {low} to {high}.",
    "formal.range.bound": "The calibration data support no more than {low} to {high}.",
    "formal.range.unknown": "No range is on record.",
    "formal.E1.groups": "What it is made of",
    "formal.groups.none": "No groups of findings were combined.",
    "formal.group": "Group",
    "formal.group.members": "Findings",
    "formal.groups.note": "Findings that may share a cause are weighed as one group; they are never multiplied as if "
    "independent.",
    "formal.groups.table": "Fused model: {table}.",
    "formal.E1.missing": "Findings missing here",
    "formal.missing.none": "None is on record.",
    "formal.E1.changes": "What would change the conclusion",
    "formal.changes.none": "Nothing is on record.",
    "formal.laundering.none": "No traces of laundering that this program knows were seen; the file may have been "
    "laundered all the same.",
    "formal.validation.any": "files like those it was fitted on",
    "formal.validation.together": "All findings together ({kind})",
    "formal.E1.caps": "What lowered the claim",
    "formal.caps.none": "Nothing.",
    "formal.E1.limits": "Limits of the conclusion",
    "formal.E1.meaning": "How to read it",
    "formal.meaning.lr": "A likelihood ratio says how much more the findings are to be expected under one proposition "
    "than under the other.",
    "formal.meaning.transposed": "It is not the probability that either proposition is true. That also depends on what "
    "else is known of the case, which is for the court to judge.",
    "formal.meaning.none": "No support for the first proposition found by these methods does not show that the second "
    "is true.",
    "formal.E2.categories": "Possible conclusions",
    "formal.categories": "The bands of the verbal scale for either proposition; inconclusive, where nothing could be "
    "decided; unsuitable for examination, where nothing that was asked can be measured in the file.",
    "formal.E2.attack": "Attack category",
    "formal.attack.none": "No category of manipulation (reenactment, replacement, editing, synthesis) is attributed.",
    "formal.E3.calibration": "Calibration (SOLVE-IT weakness 521: uncalibrated scores)",
    "formal.calibration": "{weighed} of {measured} measured findings are weighed by a calibration table fitted on "
    "labelled files by source; scores without one are printed as raw values and weigh nothing.",
    "formal.calibration.unfused": "No model fitted on held-out files combines them here.",
    "formal.E3.corroboration": "Corroboration (SOLVE-IT weakness 526: disagreement hidden in one score)",
    "formal.corroboration": "More than moderate support needs two independent families of findings that point to the "
    "same side; without them the claim is capped there. Disagreement stands in D3.",
    # F
    "formal.F1.technical_review": "Technical review",
    "formal.F1.administrative_review": "Administrative review",
    "formal.F1.blind_reexamination": "Blind re-examination",
    "formal.blind.unneeded": "Not called for: it is asked where support is more than moderate.",
    "formal.F1.disclosure": "Data, logs, program and case bundle for the other side",
    "formal.F1.context_management": "Management of context and bias",
    "formal.F2.assistance": "Assistance by artificial intelligence",
    "formal.assistance": "The program's own part: some findings come from trained networks, which C1 lists; every "
    "sentence it wrote here comes from fixed texts filled with measured values, not from a language model.",
    "formal.F2.legal_basis": "Legal basis for biometric data",
    "formal.F2.synthetic_examples": "Synthetic examples in this report",
    "formal.synthetic.none": "None: it shows the exhibit and what was measured in it. If the exhibit is synthetic, so "
    "are these pictures of it.",
    "formal.F2.marker_service": "Marker or watermark detectors of vendors",
    "formal.marker.none": "No vendor's detection service was asked; the examination ran without a network.",
    "formal.F3.reexamination": "When to examine again",
    "formal.reexamination": "When methods, tables or models are updated for new generators (SOLVE-IT weakness 519), "
    "when a better copy of the file or a reference from the same device is found, or when other propositions are put "
    "forward. C1 and the data of this report hold all that is needed.",
    "formal.F4.summary": "Summary in plain words",
    "formal.summary.where": "The first page.",
    "formal.F4.glossary": "Glossary",
    "formal.glossary.where": "At the end.",
    "formal.F4.declaration": "Declaration of the examiner",
    "formal.declaration": "I have examined the file named in this report with the methods it lists. What I state as "
    "fact is what I observed; what I state as opinion is mine, within the limits given. I know of no fact that I "
    "left out and that would change the conclusion. Should new information change it, I shall say so without being "
    "asked.",
    "formal.F4.signature": "Signature",
    "formal.signature.name": "Name",
    "formal.signature.place": "Place and date",
    "formal.signature.hand": "Signature",
    "formal.signature.unsigned": "Unsigned, this document is the output of a program and no statement of any person.",
    # one page
    "formal.summary": "Summary in plain words",
    "formal.summary.foot": "This page sums up; the report behind it holds reasons, limits and data.",
    "formal.summary.file": "File",
    "formal.summary.number": "Report",
    "formal.summary.asked": "What was asked",
    "formal.summary.question": "No question is on record. Compared were the two propositions below.",
    "formal.summary.done": "What was done",
    "formal.summary.counts": "{asked} questions were put to the file: {measured} gave a value, {weighed} of them are "
    "weighed; {unable} could not be answered for this file; {unasked} were not asked.",
    "formal.summary.caps": "What lowered the claim",
    "formal.summary.means": "What this does not say",
    "formal.summary.means.not": "How probable it is that the file is a fake. The strength above compares two "
    "propositions; the rest of the case counts as well.",
    "formal.summary.means.absent": "That a file in which nothing was found is a recording: a good or new fake may "
    "leave no trace these methods see.",
    "formal.summary.means.scope": "Whether what is shown or said is true, who it is, or what anybody intended.",
    "formal.summary.open": "What is left open",
    "formal.summary.left_open": "{n} point that a full report needs was not given or not examined; it is named "
    "inside.|{n} points that a full report needs were not given or not examined; they are named inside.",
    # glossary
    "formal.term.exhibit": "Exhibit",
    "formal.term.exhibit.text": "The file that is examined.",
    "formal.term.examination": "Examination, method",
    "formal.term.examination.text": "One question put to the file, with one way to measure its answer.",
    "formal.term.finding": "Finding",
    "formal.term.finding.text": "What became of a question: a value with its places and times, or the reason why there "
    "is none.",
    "formal.term.proposition": "Proposition",
    "formal.term.proposition.text": "One of two statements about the file that exclude each other and under which the "
    "findings are compared.",
    "formal.term.ratio": "Likelihood ratio (LR)",
    "formal.term.ratio.text": "How many times more the findings are to be expected under the first proposition than "
    "under the second.",
    "formal.term.log10": "log10 LR",
    "formal.term.log10.text": "The same as a power of ten: 0 is no support either way, 1 a factor of ten for the first "
    "proposition, −1 for the second.",
    "formal.term.scale": "Verbal scale",
    "formal.term.scale.text": "Words for ranges of the likelihood ratio, printed in E1.",
    "formal.term.interval": "Nine-in-ten interval",
    "formal.term.interval.text": "The range in which nine in ten repetitions of the calibration with other files of "
    "the same kind would lie.",
    "formal.term.bound": "Bound",
    "formal.term.bound.text": "The largest strength that the number of calibration files can support.",
    "formal.term.calibration": "Calibration table",
    "formal.term.calibration.text": "What turns the value of a method into a likelihood ratio, fitted on files of "
    "which the truth is known.",
    "formal.term.condition": "Condition",
    "formal.term.condition.text": "The state of a file, such as its compression and size, for which a table holds.",
    "formal.term.pristine": "Pristine files",
    "formal.term.pristine.text": "Recordings that are not manipulated as far as their collectors know; they show which "
    "values are usual.",
    "formal.term.cllr": "Cllr",
    "formal.term.cllr.text": "Cost of the likelihood ratios of a method in bits: 0 is perfect, 1 is no information, "
    "above 1 misleads.",
    "formal.term.group": "Dependence group",
    "formal.term.group.text": "Findings that may rise together for one cause, and so count once.",
    "formal.term.stability": "Stability",
    "formal.term.stability.text": "Whether the findings stay when the file itself is re-encoded in ways that change "
    "nothing of its content.",
    "formal.term.laundering": "Laundering",
    "formal.term.laundering.text": "Re-encoding, resizing or filming from a screen, on purpose or not, that wipes out "
    "traces.",
    "formal.term.inconclusive": "Inconclusive",
    "formal.term.inconclusive.text": "A conclusion: nothing could be decided. It is not support for either proposition.",
    "formal.term.unsuitable": "Unsuitable for examination",
    "formal.term.unsuitable.text": "A conclusion: the file lacks what every question that was asked needs, or cannot "
    "be decoded.",
    "formal.term.sha256": "SHA-256",
    "formal.term.sha256.text": "A number computed from all bytes of a file; another file has another one.",
    "formal.term.custody": "Chain of custody",
    "formal.term.custody.text": "The record of who had the file when, and of what was done to it.",
})  # fmt: skip
