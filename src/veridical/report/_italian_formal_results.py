"""The Italian wording of the examiner's report: parts D to F, the page in plain words, and the glossary."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ITALIAN_FORMAL_RESULTS: Mapping[str, str] = MappingProxyType({
    # D
    "formal.D1.file": "File e struttura",
    "formal.D1.metadata": "Metadati",
    "formal.D1.provenance": "Provenienza",
    "formal.D1.compression": "Storia della compressione",
    "formal.D1.global": "L'immagine nel suo insieme",
    "formal.D1.local": "Parti dell'immagine",
    "formal.D1.sensor": "Sensore e rumore",
    "formal.D1.physical": "Luce, geometria e difetti visibili",
    "formal.D1.audio": "Suono",
    "formal.D1.sync": "Suono e immagine insieme",
    "formal.D1.temporal": "Andamento nel tempo",
    "formal.D1.semantic": "Significato e identità",
    "formal.stream": "Flusso",
    "formal.stream.holds": "Come decodificato",
    "formal.unable": "Richiesti, senza un valore:",
    "formal.unasked": "Non esaminato: {what}. Nessun metodo su questo argomento è stato applicato al file.",
    "formal.finding.observation": "Osservazione",
    "formal.finding.value": "Valore derivato",
    "formal.finding.interpretation": "Interpretazione",
    "formal.finding.alternatives": "Spiegazioni alternative",
    "formal.finding.limitation": "Limitazione",
    "formal.finding.states": "Il file dichiara",
    "formal.finding.where": "Dove",
    "formal.finding.observed": "Osservazioni dell'esaminatore (non pesate)",
    "formal.rows.more": "{n} altra riga è nei dati.|{n} altre righe sono nei dati.",
    "formal.finding.none": "Nessuna registrata.",
    "formal.weighed": "log10 del rapporto di verosimiglianza {ratio} (intervallo da {low} a {high}; la tabella "
    "sostiene da {bottom} a {top}). Vale per: {condition}. Tabella: {table}.",
    "formal.unweighed": "Non pesa nulla. {reason}",
    "formal.D2.original": "Il reperto",
    "formal.original.none": "Nei dati di questa relazione non c'è alcuna immagine del reperto.",
    "formal.figures.reduced": "Ridotta per la stampa; il reperto è stato esaminato nei suoi pixel",
    "formal.D2.overlays": "Mappe, grafici e luoghi segnati",
    "formal.overlays": "{n} figura sta con il suo riscontro.|{n} figure stanno con i loro riscontri, le mappe sopra "
    "l'originale.",
    "formal.figures.none": "Nessuna: nessun riscontro ha una figura.",
    "formal.D2.scale": "Scale",
    "formal.figures.scale": "I colori di ogni mappa stanno per valori fissi, stampati sotto di essa; non dipendono da "
    "questo file.",
    "formal.D2.coordinates": "Coordinate e tempi",
    "formal.coordinates": "Le coordinate sono pixel memorizzati dall'angolo in alto a sinistra, x verso destra, y "
    "verso il basso; i tempi sono secondi dall'inizio.",
    "formal.D2.command": "Per rifare le figure",
    "formal.figures.command": "{command} · poi: veridical report REPORT.json",
    "formal.D3.quality": "Stato del file",
    "formal.quality": "Misurato: {listed}.",
    "formal.D3.laundering": "Ricodifica e ripulitura delle tracce",
    "formal.D3.stability": "Stabilità sotto ricodifiche innocue",
    "formal.stability.spread": "Sulle ricodifiche il log10 del rapporto di verosimiglianza varia di {spread}.",
    "formal.stability.variant": "Ricodifica",
    "formal.D3.disagreement": "Disaccordo tra metodi",
    "formal.disagreement.both": "I riscontri pesati indicano entrambe le parti:",
    "formal.disagreement.none": "I riscontri pesati non indicano entrambe le parti:",
    "formal.disagreement.first": "Per la prima proposizione: {listed}",
    "formal.disagreement.second": "Per la seconda proposizione: {listed}",
    "formal.disagreement.neither": "Troppo poco per l'una o per l'altra: {listed}",
    "formal.disagreement.raw": "Nessun riscontro è pesato. {above} di {compared} valori sono sopra 95 su 100 dei file "
    "integri con cui sono confrontati: {listed}. Gli altri no; non vengono annullati in una media.",
    "formal.disagreement.unread": "Nessun riscontro è pesato né può essere confrontato con file integri, perciò non si "
    "può dichiarare né accordo né disaccordo.",
    "formal.D4.negative": "Non osservato",
    "formal.negative": "Misurato, senza nulla che risalti a favore della prima proposizione:",
    "formal.negative.none": "Nulla.",
    "formal.negative.weighed": "log10 del rapporto di verosimiglianza {ratio}",
    "formal.negative.usual": "consueto tra i file integri",
    "formal.negative.unread": "Misurato, senza nulla a cui riferire il valore: {listed}.",
    "formal.D4.inapplicable": "Non esaminabile",
    "formal.inapplicable.none": "Nulla: ogni domanda posta ha un valore.",
    "formal.D4.unasked": "Non esaminato",
    "formal.unasked.lead": "Queste domande non sono state poste; ciò non dice nulla in alcun senso.",
    "formal.unasked.none": "Nulla: ogni domanda nota al programma è stata posta.",
    # E
    "formal.E1.conclusion": "Conclusione",
    "formal.E1.ratio": "Rapporto di verosimiglianza",
    "formal.ratio": "log10 LR",
    "formal.ratio.none": "Nessuno: i riscontri non sono stati pesati insieme, perciò non si dichiara alcuna forza.",
    "formal.ratio.first": "I riscontri sono circa {times} volte più attesi se è vera la prima proposizione che se è "
    "vera la seconda.",
    "formal.ratio.second": "I riscontri sono circa {times} volte più attesi se è vera la seconda proposizione che se è "
    "vera la prima.",
    "formal.ratio.point": "(log10 del rapporto di verosimiglianza {ratio}.)",
    "formal.E1.scale": "Scala verbale",
    "formal.scale.none": "Nessuna scala verbale è registrata: nulla è stato pesato insieme.",
    "formal.scale.ratio": "Rapporto di verosimiglianza",
    "formal.scale.words": "Parole",
    "formal.scale.above": "da {low}",
    "formal.scale.note": "Edizione: {edition}. I rapporti sotto 1 si leggono come i loro reciproci, per la seconda "
    "proposizione.",
    "formal.E1.range": "Intervallo e limiti",
    "formal.range.none": "Nessuno, poiché non c'è un rapporto di verosimiglianza.",
    "formal.range.interval": "Intervallo di nove su dieci del log10 del rapporto di verosimiglianza: da {low} a {high}.",
    "formal.range.bound": "I dati di calibrazione non sostengono più che da {low} a {high}.",
    "formal.range.unknown": "Nessun intervallo è registrato.",
    "formal.E1.groups": "Da che cosa è composto",
    "formal.groups.none": "Nessun gruppo di riscontri è stato combinato.",
    "formal.group": "Gruppo",
    "formal.group.members": "Riscontri",
    "formal.groups.note": "I riscontri che possono avere una causa comune sono pesati come un solo gruppo; non sono "
    "mai moltiplicati come se fossero indipendenti.",
    "formal.groups.table": "Modello di fusione: {table}.",
    "formal.E1.missing": "Riscontri che qui mancano",
    "formal.missing.none": "Nessuno registrato.",
    "formal.E1.changes": "Che cosa cambierebbe la conclusione",
    "formal.changes.none": "Nulla è registrato.",
    "formal.laundering.none": "Non si sono viste tracce di ripulitura che questo programma conosca; il file può essere "
    "stato ripulito lo stesso.",
    "formal.validation.any": "file come quelli su cui è stato adattato",
    "formal.validation.together": "Tutti i riscontri insieme ({kind})",
    "formal.E1.caps": "Che cosa ha abbassato l'affermazione",
    "formal.caps.none": "Nulla.",
    "formal.E1.limits": "Limiti della conclusione",
    "formal.E1.meaning": "Come leggerla",
    "formal.meaning.lr": "Un rapporto di verosimiglianza dice quanto i riscontri siano più attesi sotto una "
    "proposizione che sotto l'altra.",
    "formal.meaning.transposed": "Non è la probabilità che l'una o l'altra proposizione sia vera. Quella dipende anche "
    "da ciò che altrimenti si sa del caso, e valutarlo spetta al giudice.",
    "formal.meaning.none": "Che questi metodi non trovino sostegno per la prima proposizione non dimostra che sia vera "
    "la seconda.",
    "formal.E2.categories": "Conclusioni possibili",
    "formal.categories": "Le fasce della scala verbale per ciascuna proposizione; inconcludente, dove nulla si è "
    "potuto decidere; non idoneo all'esame, dove nulla di ciò che è stato chiesto può essere misurato nel file.",
    "formal.E2.attack": "Categoria di manipolazione",
    "formal.attack.none": "Non è attribuita alcuna categoria di manipolazione (rianimazione, sostituzione, modifica, "
    "sintesi).",
    "formal.E3.calibration": "Calibrazione (debolezza SOLVE-IT 521: punteggi non calibrati)",
    "formal.calibration": "{weighed} di {measured} riscontri misurati sono pesati con una tabella di calibrazione "
    "adattata su file di verità nota, separati per fonte; i punteggi che ne sono privi sono stampati come valori "
    "grezzi e non pesano nulla.",
    "formal.calibration.unfused": "Qui nessun modello adattato su file tenuti da parte li combina.",
    "formal.E3.corroboration": "Conferma incrociata (debolezza SOLVE-IT 526: disaccordo nascosto in un solo punteggio)",
    "formal.corroboration": "Un sostegno più che moderato richiede due famiglie indipendenti di riscontri che "
    "indichino la stessa parte; senza di esse l'affermazione si ferma lì. Il disaccordo sta in D3.",
    # F
    "formal.F1.technical_review": "Revisione tecnica",
    "formal.F1.administrative_review": "Revisione amministrativa",
    "formal.F1.blind_reexamination": "Nuovo esame alla cieca",
    "formal.blind.unneeded": "Non richiesto: lo si chiede dove il sostegno è più che moderato.",
    "formal.F1.disclosure": "Dati, registri, programma e fascicolo per la controparte",
    "formal.F1.context_management": "Gestione del contesto e dei pregiudizi",
    "formal.F2.assistance": "Assistenza dell'intelligenza artificiale",
    "formal.assistance": "Per parte del programma: alcuni riscontri provengono da reti addestrate, elencate in C1; "
    "ogni frase che esso ha scritto qui proviene da testi fissi riempiti con valori misurati, non da un modello "
    "linguistico.",
    "formal.F2.legal_basis": "Base giuridica per i dati biometrici",
    "formal.F2.synthetic_examples": "Esempi sintetici in questa relazione",
    "formal.synthetic.none": "Nessuno: essa mostra il reperto e ciò che vi è stato misurato. Se il reperto è "
    "sintetico, lo sono anche queste sue immagini.",
    "formal.F2.marker_service": "Rilevatori di marcature o filigrane dei produttori",
    "formal.marker.none": "Nessun servizio di rilevamento di produttori è stato interpellato; l'esame si è svolto "
    "senza rete.",
    "formal.F3.reexamination": "Quando esaminare di nuovo",
    "formal.reexamination": "Quando metodi, tabelle o modelli sono aggiornati per nuovi generatori (debolezza SOLVE-IT "
    "519), quando si trova una copia migliore del file o un riferimento dello stesso dispositivo, o quando si "
    "propongono altre proposizioni. C1 e i dati di questa relazione contengono quanto occorre.",
    "formal.F4.summary": "Sintesi in parole semplici",
    "formal.summary.where": "La prima pagina.",
    "formal.F4.glossary": "Glossario",
    "formal.glossary.where": "Alla fine.",
    "formal.F4.declaration": "Dichiarazione dell'esaminatore",
    "formal.declaration": "Ho esaminato il file indicato in questa relazione con i metodi che essa elenca. Ciò che "
    "espongo come fatto è ciò che ho osservato; ciò che espongo come opinione è opinione mia, entro i limiti "
    "indicati. Non conosco fatti che io abbia taciuto e che cambierebbero la conclusione. Se nuove informazioni la "
    "cambiassero, lo dirò senza esserne richiesto.",
    "formal.F4.signature": "Firma",
    "formal.signature.name": "Nome",
    "formal.signature.place": "Luogo e data",
    "formal.signature.hand": "Firma",
    "formal.signature.unsigned": "Senza firma, questo documento è il prodotto di un programma e non la dichiarazione "
    "di una persona.",
    # one page
    "formal.summary": "Sintesi in parole semplici",
    "formal.summary.foot": "Questa pagina riassume; la relazione che segue contiene motivi, limiti e dati.",
    "formal.summary.file": "File",
    "formal.summary.number": "Relazione",
    "formal.summary.asked": "Che cosa è stato chiesto",
    "formal.summary.question": "Nessun quesito è registrato. Si sono confrontate le due proposizioni seguenti.",
    "formal.summary.done": "Che cosa è stato fatto",
    "formal.summary.counts": "Domande poste al file: {asked}. Con un valore: {measured}, di cui pesate {weighed}. "
    "Senza risposta possibile per questo file: {unable}. Non poste: {unasked}.",
    "formal.summary.caps": "Che cosa ha abbassato l'affermazione",
    "formal.summary.means": "Che cosa questo non dice",
    "formal.summary.means.not": "Quanto sia probabile che il file sia un falso. La forza qui sopra confronta due "
    "proposizioni; conta anche il resto del caso.",
    "formal.summary.means.absent": "Che un file in cui nulla è stato trovato sia una registrazione: un falso ben fatto "
    "o recente può non lasciare tracce che questi metodi vedano.",
    "formal.summary.means.scope": "Se ciò che si mostra o si dice sia vero, chi sia, o che cosa qualcuno intendesse.",
    "formal.summary.open": "Che cosa resta aperto",
    "formal.summary.left_open": "{n} punto che una relazione completa richiede non è stato indicato o esaminato; è "
    "nominato all'interno.|{n} punti che una relazione completa richiede non sono stati indicati o esaminati; sono "
    "nominati all'interno.",
    # glossary
    "formal.term.exhibit": "Reperto",
    "formal.term.exhibit.text": "Il file che viene esaminato.",
    "formal.term.examination": "Esame, metodo",
    "formal.term.examination.text": "Una domanda posta al file, con un modo di misurarne la risposta.",
    "formal.term.finding": "Riscontro",
    "formal.term.finding.text": "L'esito di una domanda: un valore con i suoi luoghi e tempi, o il motivo per cui non c'è.",
    "formal.term.proposition": "Proposizione",
    "formal.term.proposition.text": "Una di due affermazioni sul file che si escludono a vicenda e sotto le quali si "
    "confrontano i riscontri.",
    "formal.term.ratio": "Rapporto di verosimiglianza (LR)",
    "formal.term.ratio.text": "Quante volte i riscontri sono più attesi sotto la prima proposizione che sotto la seconda.",
    "formal.term.log10": "log10 LR",
    "formal.term.log10.text": "Lo stesso come potenza di dieci: 0 è nessun sostegno in alcun senso, 1 un fattore dieci "
    "per la prima proposizione, −1 per la seconda.",
    "formal.term.scale": "Scala verbale",
    "formal.term.scale.text": "Parole per gli intervalli del rapporto di verosimiglianza, stampate in E1.",
    "formal.term.interval": "Intervallo di nove su dieci",
    "formal.term.interval.text": "L'intervallo in cui cadrebbero nove ripetizioni su dieci della calibrazione con "
    "altri file dello stesso genere.",
    "formal.term.bound": "Limite",
    "formal.term.bound.text": "La massima forza che il numero dei file di calibrazione può sostenere.",
    "formal.term.calibration": "Tabella di calibrazione",
    "formal.term.calibration.text": "Ciò che trasforma il valore di un metodo in un rapporto di verosimiglianza, "
    "adattato su file di cui si conosce la verità.",
    "formal.term.condition": "Condizione",
    "formal.term.condition.text": "Lo stato di un file, come la sua compressione e dimensione, per il quale una "
    "tabella vale.",
    "formal.term.pristine": "File integri",
    "formal.term.pristine.text": "Registrazioni non manipolate per quanto sa chi le ha raccolte; mostrano quali valori "
    "sono consueti.",
    "formal.term.cllr": "Cllr",
    "formal.term.cllr.text": "Costo dei rapporti di verosimiglianza di un metodo in bit: 0 è perfetto, 1 è nessuna "
    "informazione, oltre 1 fuorvia.",
    "formal.term.group": "Gruppo di dipendenza",
    "formal.term.group.text": "Riscontri che possono crescere insieme per una sola causa, e perciò contano una volta.",
    "formal.term.stability": "Stabilità",
    "formal.term.stability.text": "Se i riscontri restano quando il file stesso è ricodificato in modi che non "
    "cambiano nulla del suo contenuto.",
    "formal.term.laundering": "Ripulitura delle tracce",
    "formal.term.laundering.text": "Ricodifica, ridimensionamento o ripresa da uno schermo, voluti o no, che "
    "cancellano tracce.",
    "formal.term.inconclusive": "Inconcludente",
    "formal.term.inconclusive.text": "Una conclusione: nulla si è potuto decidere. Non è sostegno per alcuna proposizione.",
    "formal.term.unsuitable": "Non idoneo all'esame",
    "formal.term.unsuitable.text": "Una conclusione: al file manca ciò di cui ogni domanda posta ha bisogno, o non può "
    "essere decodificato.",
    "formal.term.sha256": "SHA-256",
    "formal.term.sha256.text": "Un numero calcolato da tutti i byte di un file; un altro file ne ha un altro.",
    "formal.term.custody": "Catena di custodia",
    "formal.term.custody.text": "La registrazione di chi ha avuto il file e quando, e di ciò che gli è stato fatto.",
})  # fmt: skip
