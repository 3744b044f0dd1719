"""What the page of bench/voices.py says before and after its figures."""

from __future__ import annotations

HEAD = """# Voices: synthetic and converted speech

Written by `python bench/voices.py` (its steps stand in its head). Every recording is brought to one channel at 16 kHz, a
band of 7 kHz, an active level of −26 dBov, silence cut off at both ends (*common*), and then through one more way of
transmission. A higher value speaks for a synthetic voice; nothing is turned round, so that an AUC below 0.5 or an EER above
it points the wrong way. In brackets the 90 % interval when whole speakers are drawn again; files of one source that names
no speaker count as one. *AUC within sources* is the mean over the sources that hold five files of each label: what differs
between collections cannot help there. *Cllr_min* is the cost, in bits, of the best calibration of these very files; *Cllr*
that of one by logistic regression on the three other folds: above 1 it is worse than saying nothing.

""".splitlines()

TAIL = """
## How to read it

*learned.voice_net*, *audio.cepstral* and *audio.waveform_net* learn; each value is of a model that has seen neither the
source nor the system (four folds, `training/folds.py`). *vocoder lines*, the value of *audio.vocoder_trace*, fits nothing.
*fused* is the mean of these four, each in robust standard deviations of the real recordings of the other folds. Models are
made by `training/recipes`, their cards stand in `docs/models`.

The four detectors took their form, out of many tried, by looking at these folds (the cards and pages name what was tried),
so that the figures of each and of *fused* are too good rather than too bad. Nothing was kept back to judge the last choice
on. The fused score is the plain mean of all four, the weakest included; *fused but audio.waveform_net* is better under
every condition. Weights learned on the other folds by logistic regression ranked worse when they were tried, with an
earlier waveform_net and two more statistics (0.72, 0.65, 0.73, 0.68 of all recordings): they fit their sources.

The goal was an AUC of 0.90 of all recordings. It was not reached. What limits it: real recordings of one collection differ
more from those of another than synthetic from real ones within it, and fold D shows it (recordings of LibriSpeech against
copies of clean recordings through NSF vocoders: below 0.5 in the fused score). NSF and StarGANv2 voices lie among real ones
in all four, DiffWave and WaveFlow in all but *learned.voice_net*. By telephone the interval of the fused score overlaps
that of the nuisances on other speakers; on other sources the nuisances point the wrong way.

*aasist* and *aasist_l* are the published AASIST and AASIST-L, trained by their authors on one collection of synthetic
speech (weights not part of the project; folder named by the user), here on windows of four seconds every two seconds to the
end. *log-odds* is the mean of the windows' logit for synthetic less that for real; *logit* is the authors' score, the logit
for real, with its sign changed. Nothing was fitted to these files. Both were asked about a
share of the files alone, as they are slow, and run as ONNX for this page: on one window the logits differed from those of
torch by 6e-6.

Our copy of the architecture takes both published weight files without a name or number more or less (297,866 and 85,306
parameters). No collection on which its authors give a figure is at hand, so that no published figure is repeated here. What
speaks for the copy: on eight recordings, the means that enter the encoder's normalisations lie within 0.12 standard
deviations of those stored with the weights, and up to 1.0 off if the first normalisation of each block is wired into the
way, as a drawing of such a block suggests; and the published scales of those are exactly 1, as of a part that training
never reached. The stored means do not settle in which order the two graphs enter the mixed layers; it is that of public
copies of the authors' code.

*nuisances alone* is a model of boosted trees that sees no sound: for files *as published* their size, format, codec, rate,
length and level, and after the processing length, level (with pauses) and peak. It is fitted on other speakers, or on other
sources, than it is judged on. Where it is far below 0.5 on other sources, what gives one collection away says the opposite
in the next.

Systems with fewer than three files have no row of their own. Many files name no speaker: an LJSpeech voice that recurs on
several demonstration pages counts as several. Telephone prompts are narrow-band from the start; beside recordings of 7 kHz
their false alarms are partly those of the band. A condition that is missing for a statistic was not finished.
""".splitlines()
