"""The English wording of the conclusion: its sentences, and the headings around them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENGLISH_CONCLUSION: Mapping[str, str] = MappingProxyType({
    "conclusion": "Conclusion",
    "conclusion.interrupted": "The examination was interrupted: what was not finished is listed as not examined.",
    "conclusion.error": "This file could not be examined",
    "conclusion.declares": "What the file itself states about its making",
    "conclusion.declares.note": "Such a statement can be removed, copied or wrong. It is shown, not weighed.",
    "conclusion.propositions": "The two propositions that are compared",
    "conclusion.scale": "The verbal scale",
    "conclusion.scale.step": "LR {low} to {high}",
    "conclusion.scale.top": "LR above {low}",
    "conclusion.scale.note": "Support for the first proposition, or, with the reciprocal ratio, for the second. Edition: "
    "{edition}.",
    "conclusion.weight": "Weight of all evidence together",
    "conclusion.weight.value": "log10 likelihood ratio {ratio}, interval {low} to {high}",
    "conclusion.weight.point": "log10 likelihood ratio {ratio}",
    "conclusion.weight.cut": "the interval is cut, like the ratio, by what lowered the claim",
    "conclusion.weight.bound": "never beyond {low} and {high} on this file",
    "conclusion.weight.note": (
        "Above 0 the findings are more to be expected under the first proposition, below 0 under the second; "
        "each step of 1 is a factor of ten. It is not the probability that the file is a deepfake."
    ),
    "conclusion.groups": "What adds to it",
    "conclusion.groups.note": "Findings that may share a cause are one group and count once. Grey: no support either way. "
    "Right of the middle: the first proposition; left: the second.",
    "conclusion.groups.disagree": "The groups disagree: {first} for the first proposition, {second} for the second.",
    "conclusion.groups.group": "Group",
    "conclusion.groups.ratio": "log10 LR",
    "conclusion.groups.bar": "From {low} to {high}",
    "conclusion.groups.together": "Together, as claimed",
    "conclusion.groups.alt": "{group}: log10 LR {ratio}",
    "conclusion.missing": "Missing here, and adding nothing",
    "conclusion.caps": "What lowered the claim",
    "conclusion.category": "Attack category",
    "conclusion.stability": "Stability",
    "conclusion.changes": "What would change this conclusion",
    "conclusion.limits": "Limits of this conclusion",
    # sentences that are kept in the report
    "said.weighed": "The findings together give {band}: they are about {times} times as much to be expected if the {side} "
    "proposition holds as if the other does.",
    "said.neither": "The findings together give no support either way: they are about as much to be expected under the one "
    "proposition as under the other.",
    "said.entered": "{n} of {measured} measured findings entered this weight.|{n} of {measured} measured findings entered this "
    "weight.",
    "said.flipped": "No conclusion is drawn: benign re-encodings of this very file move the findings from one proposition to "
    "the other. What they weigh is shown below, and claimed by nobody.",
    "said.refused": "No conclusion is drawn: the findings that can be weighed together say nothing of such a file; the reason "
    "is given below. {measured}, {weighed} of them weighed one by one; they may share a cause and must not be multiplied.",
    "said.unmeasured": "No conclusion is drawn: {measured}, and none of those that can be weighed together is among them. Read "
    "what was measured one by one, with its limits.",
    "said.uncalibrated": "No conclusion is drawn on how strongly the findings support either proposition: {measured}, and none "
    "of them is weighed here; each says why. Read them one by one, with their limits.",
    "said.unfused": "No conclusion is drawn from the findings together: {measured}, {weighed} of them weighed one by one, and "
    "no model fitted on held-out media combines them. They may share a cause and must not be multiplied.",
    "said.unsuitable": "Nothing that was asked can be measured in this file; the reasons are listed below.",
    "said.nothing measured": "Nothing was measured; whether this file is suitable is not known. The reasons are listed below.",
    "said.interrupted": "The run was interrupted before every examination was asked.",
    "said.error": "The file could not be examined: {problem}. {remedy}.",
    "said.before": "{measured} before that, or without the damaged part, and listed below.",
    "said.measured": "{n} finding was measured|{n} findings were measured",
    "said.band": "{words} support for the {side} proposition",
    "said.side.first": "first",
    "said.side.second": "second",
    "said.cap.table": "Bound of the fused model: held-out media support no log10 LR beyond {end}; it would have been {before}.",
    "said.cap.group": "Cap of the group “{group}”: held-out media support no log10 LR beyond {end} for it; it would have been "
    "{before}.",
    "said.cap.corroboration": "Corroboration: one family of findings alone may claim up to {words} support, log10 LR ±{at}. "
    "More, here {before}, needs a second, independent family that speaks clearly for the same side.",
    "said.cap.laundering": "Laundering: {what}. Of such a file no log10 LR beyond ±{at} is claimed; it would have been "
    "{before}.",
    "said.cap.stability": "Stability: the weakest benign re-encoding of this file supports a log10 LR of {end}; it would "
    "have been {before}.",
    "said.cap.flipped": "Stability: benign re-encodings of this file change sides, so nothing is claimed.",
    "said.cap.refused": "Outside what was calibrated, so no likelihood ratio is given: {reason}.",
    "said.cap.unmeasured": "No likelihood ratio is given: what can be weighed together was not measured ({ids}).",
    "said.laundered": "The file shows traces of laundering ({what}), which hide what would speak for either proposition.",
    "said.fused": "The model that weighs the findings together was fitted on {fakes} fakes and {reals} real files of {sources} "
    "sources; on sources left out it costs {cllr} bits (Cllr: 0 is perfect, 1 is worthless).",
    "said.changes.missing": "The findings that are missing here: {ids}. With them the weight could rise or fall.",
    "said.changes.family": "A second, independent family of findings that speaks clearly for the same side.",
    "said.changes.copy": "An earlier copy of the file, compressed, scaled or edited less.",
    "said.changes.calibration": "Calibration on media like this file.",
    "said.changes.origin": "The original with the device that made it, or a signed statement of origin that can be checked.",
    "said.changes.renewed": "Renewed tables: media made by methods younger than the tables ({table}) were not among those that "
    "they were fitted on.",
    "said.category.counts": "On sources left out, {right} of {all} cases of {category} were so named, and {wrong} of {reals} "
    "real ones.",
    "said.category.none": "On sources left out, {right} of {reals} real cases were so named, but also {wrong} of {all} fake "
    "ones: it does not mean that the file is real.",
    "said.category.learned": "Categories that can be named for such files: {learned}.",
    "said.category.never": "Never named: {never}.",
    # one finding
    "finding.weight.between": "log10 likelihood ratio {ratio}, interval {low} to {high}, never beyond {least} and {most}.",
    "finding.weight.fitted": "Fitted on {fakes} independent fakes and {reals} independent real files.",
    "finding.weight.cost": "On sources left out it costs {cllr} bits (Cllr: 0 is perfect, 1 is worthless).",
    "finding.weight.group": "It enters the conclusion with its group, “{group}”, not by itself.",
    "finding.weight.apart": "It does not enter the conclusion.",
})  # fmt: skip
