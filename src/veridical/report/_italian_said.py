"""Sentences that a report keeps in English and that do not stand in the catalogue, with their Italian wording.

They come from the layers below the report: conditions, reasons, names of groups and of the bands of the scale. A place in
braces stands for what is filled in.
"""

from __future__ import annotations

SAID: tuple[tuple[str, str], ...] = (
    # propositions and limits
    ("The exhibit, or a part of it, was made or altered by synthesis, replacement, reenactment or editing.",
     "Il reperto, o una sua parte, è stato prodotto o alterato per sintesi, sostituzione, rianimazione o modifica."),
    ("The exhibit is a recording of what was before the camera or microphone, with no more than ordinary processing "
     "(development, scaling, compression, sharing).",
     "Il reperto è una registrazione di ciò che era davanti alla fotocamera o al microfono, con non più che trattamenti "
     "ordinari (sviluppo, ridimensionamento, compressione, condivisione)."),
    ("What the exhibit claims, who or what it shows, and whether anyone meant to deceive are not examined.",
     "Ciò che il reperto afferma, chi o che cosa mostra, e se qualcuno intendesse ingannare non sono esaminati."),
    ("A cue that was not observed, or could not be examined, does not speak for the second proposition.",
     "Un indizio che non è stato osservato, o che non ha potuto essere esaminato, non parla per la seconda proposizione."),
    # bands and categories
    ("inconclusive", "inconcludente"),
    ("unsuitable for examination", "non idoneo all'esame"),
    ("no support either way", "nessun sostegno in alcun senso"),
    ("weak", "debole"), ("moderate", "moderato"), ("moderately strong", "moderatamente forte"), ("strong", "forte"),
    ("very strong", "molto forte"), ("extremely strong", "estremamente forte"),
    ("seven bands after the ENFSI Guideline for Evaluative Reporting in Forensic Science (2015), with the borders that public "
     "implementations use",
     "sette fasce secondo la ENFSI Guideline for Evaluative Reporting in Forensic Science (2015), con i confini usati dalle "
     "implementazioni pubbliche"),
    ("none of these", "nessuna di queste"), ("reenactment", "rianimazione"), ("replacement", "sostituzione"),
    ("editing", "modifica"), ("synthesis", "sintesi"),
    ("there were no media of it", "non ve n'era materiale"),
    ("there were media of one source only", "ve n'era materiale di una sola fonte"),
    # why a value weighs nothing
    ("no calibration table: the value is reported, but weighs nothing",
     "nessuna tabella di calibrazione: il valore è riportato, ma non pesa nulla"),
    ("an examiner's aid: it points a person to what to look at, and is never weighed",
     "un aiuto all'esaminatore: indica a una persona che cosa guardare, e non è mai pesato"),
    ("weighed by a table of the user's own alone, which the fused model knows nothing of",
     "pesato soltanto da una tabella propria dell'utente, di cui il modello congiunto non sa nulla"),
    ("the value lacks {parts}, which the values of the calibration have: it is another statistic, and weighs nothing",
     "al valore manca {parts}, che i valori della calibrazione hanno: è un'altra statistica, e non pesa nulla"),
    ("an alarm about a network under attack, not about the exhibit's making",
     "un allarme su una rete sotto attacco, non su come il reperto è stato prodotto"),
    ("what a file states about itself is shown, not weighed", "ciò che un file dichiara di sé è mostrato, non pesato"),
    ("the examination ran with other settings than those it was calibrated with",
     "l'esame è stato eseguito con impostazioni diverse da quelle con cui è stato calibrato"),
    ("the value is not a finite number", "il valore non è un numero finito"),
    ("the state of this file was not calibrated; the table holds for: {names}",
     "lo stato di questo file non è stato calibrato; la tabella vale per: {names}"),
    ("the value lies outside the calibrated range {low} to {high}",
     "il valore è fuori dell'intervallo calibrato da {low} a {high}"),
    ("{name} lies outside the calibrated range {low} to {high}", "{name} è fuori dell'intervallo calibrato da {low} a {high}"),
    ("the file is unlike all files of the calibration, most of all in {name} ({said})",
     "il file è diverso da tutti i file della calibrazione, soprattutto in {name} ({said})"),
    ("none of the findings that can be weighed together says anything here ({listed})",
     "nessuno dei riscontri che si possono pesare insieme dice qui qualcosa ({listed})"),
    ("counts only together with {needed}", "conta solo insieme a {needed}"),
    ("on sources left out it does not separate fakes from real files well enough to be weighed: Cllr {cllr} bits; 1 is worth "
     "nothing",
     "su fonti escluse non separa i falsi dai file veri abbastanza bene per essere pesato: Cllr {cllr} bit; 1 non vale nulla"),
    ("too few files to calibrate: its references were made from these very files, and none was held out",
     "troppo pochi file per calibrare: i suoi riferimenti sono stati ricavati proprio da questi file, e nessuno è stato "
     "tenuto da parte"),
    ("too few files to calibrate: {n} independent real files of {sources} sources; it takes {least} of {from} sources of each "
     "label",
     "troppo pochi file per calibrare: {n} file veri indipendenti di {sources} fonti; ne occorrono {least} di {from} fonti "
     "per ciascuna etichetta"),
    ("too few files to calibrate: {n} independent fake files of {sources} sources; it takes {least} of {from} sources of each "
     "label",
     "troppo pochi file per calibrare: {n} file falsi indipendenti di {sources} fonti; ne occorrono {least} di {from} fonti "
     "per ciascuna etichetta"),
    ("{what}: on sources left out the value says nothing (Cllr {cllr} bits, {fakes} fakes and {reals} real files)",
     "{what}: su fonti escluse il valore non dice nulla (Cllr {cllr} bit, {fakes} falsi e {reals} file veri)"),
    ("{what} were not calibrated", "{what}: non calibrati"),
    # conditions
    ("files of any quality in the calibration set", "file di qualsiasi qualità nell'insieme di calibrazione"),
    ("JPEG pictures of quality {level} to {high} with a face, {low} to {end} pixels on the short side",
     "immagini JPEG di qualità da {level} a {high} con un volto, da {low} a {end} pixel sul lato corto"),
    ("pictures that are not JPEG", "immagini che non sono JPEG"),
    ("clips of less than {n} lines", "filmati di meno di {n} linee"),
    ("clips of {n} lines or more", "filmati di {n} o più linee"),
    ("with {low} to {end} s of speech", "con {low}–{end} s di parlato"),
    ("pictures in which no face is found", "immagini in cui non si trova alcun volto"),
    ("recordings whose sound ends below {khz} kHz", "registrazioni il cui suono finisce sotto {khz} kHz"),
    ("recordings whose sound goes beyond {khz} kHz", "registrazioni il cui suono va oltre {khz} kHz"),
    ("JPEG files of quality below 80", "file JPEG di qualità sotto 80"),
    ("JPEG files of quality 80 to 92", "file JPEG di qualità da 80 a 92"),
    ("JPEG files of quality above 92", "file JPEG di qualità sopra 92"),
    ("files that are not JPEG", "file che non sono JPEG"), ("files of any quality", "file di qualsiasi qualità"),
    # the state of the file
    ("{format} of quality {level}, {width} × {height} pixels", "{format} di qualità {level}, {width} × {height} pixel"),
    ("{format}, {width} × {height} pixels, {fps} frames a second, {length} s",
     "{format}, {width} × {height} pixel, {fps} fotogrammi al secondo, {length} s"),
    ("{format}, {width} × {height} pixels", "{format}, {width} × {height} pixel"),
    ("with traces of an earlier save as JPEG", "con tracce di un precedente salvataggio come JPEG"),
    ("saved as JPEG once, as far as traces tell", "salvato come JPEG una volta, per quanto dicono le tracce"),
    ("saved as JPEG at least twice", "salvato come JPEG almeno due volte"),
    ("{kbps} kbit/s ({bits} bits a pixel and frame)", "{kbps} kbit/s ({bits} bit per pixel e fotogramma)"),
    ("edges blurred by {n} pixels", "bordi sfocati di {n} pixel"), ("noise of {n} steps", "rumore di {n} livelli"),
    ("{n} pixels between the eyes (largest of {faces} faces)", "{n} pixel tra gli occhi (il più grande di {faces} volti)"),
    ("{n} pixels between the eyes", "{n} pixel tra gli occhi"), ("no face found", "nessun volto trovato"),
    ("sound: {codec} at {rate} kbit/s, {khz} kHz", "suono: {codec} a {rate} kbit/s, {khz} kHz"),
    ("sound: {codec}, {khz} kHz", "suono: {codec}, {khz} kHz"), ("sound up to {khz} kHz", "suono fino a {khz} kHz"),
    ("{n} s of speech", "{n} s di parlato"), ("{length} s of {codec} at {rate} kbit/s, {khz} kHz",
     "{length} s di {codec} a {rate} kbit/s, {khz} kHz"),
    ("{length} s of {codec}, {khz} kHz", "{length} s di {codec}, {khz} kHz"),
    ("{n} dB above its noise", "{n} dB sopra il suo rumore"),
    # traces of laundering
    ("saved as JPEG before it became a {codec} file", "salvato come JPEG prima di diventare un file {codec}"),
    ("cropped after it was saved as JPEG", "ritagliato dopo essere stato salvato come JPEG"),
    ("cropped between two saves as JPEG", "ritagliato tra due salvataggi come JPEG"),
    ("resized as a whole (possible factors: {factor})", "ridimensionato per intero (fattori possibili: {factor})"),
    ("marked by a social network when it was uploaded ({mark} in its IPTC data)",
     "contrassegnato da una rete sociale al caricamento ({mark} nei suoi dati IPTC)"),
    ("brought to a long side of {side} pixels and JPEG quality {level} without any metadata, like what messengers and networks "
     "pass on",
     "portato a un lato lungo di {side} pixel e qualità JPEG {level} senza alcun metadato, come ciò che messaggistica e reti "
     "trasmettono"),
    ("encoded again by software, not by a camera or recorder ({name})",
     "codificato di nuovo da un programma, non da una fotocamera o da un registratore ({name})"),
    ("sound that ends at {end} of {rate} kHz, as a lossy codec, a telephone or a lower sampling rate leaves it",
     "suono che finisce a {end} di {rate} kHz, come lo lascia un codec con perdita, un telefono o un campionamento più basso"),
    # groups of findings
    ("networks that judge a picture", "reti che giudicano un'immagine"),
    ("networks that look for seams", "reti che cercano giunture"), ("compression history", "storia della compressione"),
    ("traces of processing in the pixels", "tracce di elaborazione nei pixel"),
    ("face against its surroundings", "volto rispetto a ciò che lo circonda"), ("details of the face", "dettagli del volto"),
    ("repeated parts", "parti ripetute"), ("sensor noise", "rumore del sensore"),
    ("movement of the person", "movimento della persona"), ("traces of the pulse", "tracce del polso"),
    ("sound and lips", "suono e labbra"), ("continuity over time", "continuità nel tempo"),
    ("traces of synthesis in a voice", "tracce di sintesi in una voce"),
    ("traces of processing in the sound", "tracce di elaborazione nel suono"), ("manner of speech", "modo di parlare"),
    ("joints in the sound", "giunture nel suono"), ("identity of the voice", "identità della voce"),
    # what was not examined
    ("the exhibit is not a still image", "il reperto non è un'immagine fissa"),
    ("the exhibit has no moving picture", "il reperto non ha immagini in movimento"),
    ("the exhibit has no sound", "il reperto non ha suono"),
    ("not selected for this run", "non scelto per questa esecuzione"),
    ("the run was interrupted before this examination", "l'esecuzione è stata interrotta prima di questo esame"),
    ("the examination of this file ended before this examination was asked",
     "l'esame di questo file è terminato prima che questo esame fosse chiesto"),
    # of reports written before the findings were weighed together
    ("No conclusion is drawn on how strongly the findings support either proposition: {measured}, and none has a calibration "
     "table yet, so none is weighed. Read them one by one, with their limits.",
     "Non si trae alcuna conclusione su quanto i riscontri sostengano l'una o l'altra proposizione: {measured}, e nessuno ha "
     "ancora una tabella di calibrazione, perciò nessuno è pesato. Leggerli uno per uno, con i loro limiti."),
    ("one finding was measured", "un riscontro è stato misurato"),
)  # fmt: skip
