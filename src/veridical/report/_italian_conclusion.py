"""The Italian wording of the conclusion: its sentences, and the headings around them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ITALIAN_CONCLUSION: Mapping[str, str] = MappingProxyType({
    "conclusion": "Conclusione",
    "conclusion.interrupted": "L'esame è stato interrotto: ciò che non è stato terminato è elencato come non esaminato.",
    "conclusion.error": "Questo file non ha potuto essere esaminato",
    "conclusion.declares": "Che cosa il file stesso dichiara su come è stato prodotto",
    "conclusion.declares.note": "Una tale dichiarazione può essere rimossa, copiata o errata. È mostrata, non pesata.",
    "conclusion.propositions": "Le due proposizioni a confronto",
    "conclusion.scale": "La scala verbale",
    "conclusion.scale.step": "LR da {low} a {high}",
    "conclusion.scale.top": "LR sopra {low}",
    "conclusion.scale.note": "Sostegno per la prima proposizione o, con il rapporto reciproco, per la seconda. "
    "Edizione: {edition}.",
    "conclusion.weight": "Peso di tutte le prove insieme",
    "conclusion.weight.value": "log10 del rapporto di verosimiglianza {ratio}, intervallo da {low} a {high}",
    "conclusion.weight.point": "log10 del rapporto di verosimiglianza {ratio}",
    "conclusion.weight.cut": "l'intervallo è ridotto, come il rapporto, da ciò che ha limitato la conclusione",
    "conclusion.weight.bound": "mai oltre {low} e {high} su questo file",
    "conclusion.weight.note": "Sopra 0 i riscontri sono più attesi sotto la prima proposizione, sotto 0 sotto la "
    "seconda; ogni passo di 1 è un fattore dieci. Non è la probabilità che il file sia un deepfake.",
    "conclusion.groups": "Che cosa vi contribuisce",
    "conclusion.groups.note": "I riscontri che possono avere una causa comune sono un solo gruppo e contano una volta. "
    "Grigio: nessun sostegno in alcun senso. A destra del mezzo: la prima proposizione; a sinistra: la seconda.",
    "conclusion.groups.disagree": "I gruppi sono in disaccordo: {first} per la prima proposizione, {second} per la "
    "seconda.",
    "conclusion.groups.group": "Gruppo",
    "conclusion.groups.ratio": "log10 LR",
    "conclusion.groups.bar": "Da {low} a {high}",
    "conclusion.groups.together": "Insieme, come affermato",
    "conclusion.groups.alt": "{group}: log10 LR {ratio}",
    "conclusion.missing": "Qui manca, e non aggiunge nulla",
    "conclusion.caps": "Che cosa ha abbassato l'affermazione",
    "conclusion.category": "Categoria di manipolazione",
    "conclusion.stability": "Stabilità",
    "conclusion.changes": "Che cosa cambierebbe questa conclusione",
    "conclusion.limits": "Limiti di questa conclusione",
    # sentences that are kept in the report
    "said.weighed": "I riscontri insieme danno {band}: sono circa {times} volte più attesi se vale la {side} "
    "proposizione che se vale l'altra.",
    "said.neither": "I riscontri insieme non danno sostegno in alcun senso: sono circa altrettanto attesi sotto l'una "
    "proposizione che sotto l'altra.",
    "said.entered": "{n} di {measured} riscontri misurati è entrato in questo peso.|{n} di {measured} riscontri "
    "misurati sono entrati in questo peso.",
    "said.flipped": "Non si trae alcuna conclusione: ricodifiche innocue di questo stesso file spostano i riscontri da "
    "una proposizione all'altra. Ciò che pesano è mostrato sotto, e non è affermato da nessuno.",
    "said.refused": "Non si trae alcuna conclusione: i riscontri che si possono pesare insieme non dicono nulla di un tale "
    "file; il motivo è indicato sotto. {measured}, {weighed} di essi pesati uno per uno; possono avere una causa comune e "
    "non devono essere moltiplicati.",
    "said.unmeasured": "Non si trae alcuna conclusione: {measured}, e nessuno di quelli che si possono pesare insieme è tra "
    "questi. Leggere uno per uno ciò che è stato misurato, con i suoi limiti.",
    "said.uncalibrated": "Non si trae alcuna conclusione su quanto i riscontri sostengano l'una o l'altra "
    "proposizione: {measured}, e nessuno di essi è pesato qui; ciascuno dice perché. Leggerli uno per uno, con i "
    "loro limiti.",
    "said.unfused": "Dai riscontri insieme non si trae alcuna conclusione: {measured}, {weighed} di essi pesati uno "
    "per uno, e nessun modello adattato su materiale tenuto da parte li combina. Possono avere una causa comune e "
    "non devono essere moltiplicati.",
    "said.unsuitable": "Nulla di ciò che è stato chiesto può essere misurato in questo file; i motivi sono elencati sotto.",
    "said.nothing measured": "Nulla è stato misurato; se questo file sia idoneo non è noto. I motivi sono elencati sotto.",
    "said.interrupted": "L'esecuzione è stata interrotta prima che ogni esame fosse chiesto.",
    "said.error": "Il file non ha potuto essere esaminato: {problem}. {remedy}.",
    "said.before": "{measured} prima di ciò, o senza la parte danneggiata, ed elencati sotto.",
    "said.measured": "{n} riscontro è stato misurato|{n} riscontri sono stati misurati",
    "said.band": "sostegno {words} per la {side} proposizione",
    "said.side.first": "prima",
    "said.side.second": "seconda",
    "said.cap.table": "Limite del modello di fusione: il materiale tenuto da parte non sostiene alcun log10 LR oltre "
    "{end}; sarebbe stato {before}.",
    "said.cap.group": "Tetto del gruppo «{group}»: il materiale tenuto da parte non sostiene per esso alcun log10 LR "
    "oltre {end}; sarebbe stato {before}.",
    "said.cap.corroboration": "Conferma incrociata: una sola famiglia di riscontri può affermare al più un sostegno "
    "{words}, log10 LR ±{at}. Di più, qui {before}, richiede una seconda famiglia indipendente che parli chiaramente "
    "per la stessa parte.",
    "said.cap.laundering": "Ripulitura delle tracce: {what}. Di un tale file non si afferma alcun log10 LR oltre "
    "±{at}; sarebbe stato {before}.",
    "said.cap.stability": "Stabilità: la più debole ricodifica innocua di questo file sostiene un log10 LR di {end}; "
    "sarebbe stato {before}.",
    "said.cap.flipped": "Stabilità: ricodifiche innocue di questo file cambiano parte, perciò nulla si afferma.",
    "said.cap.refused": "Fuori di ciò che è stato calibrato, perciò non si dà alcun rapporto di verosimiglianza: {reason}.",
    "said.cap.unmeasured": "Non si dà alcun rapporto di verosimiglianza: ciò che si può pesare insieme non è stato "
    "misurato ({ids}).",
    "said.laundered": "Il file mostra tracce di ripulitura ({what}), che nascondono ciò che parlerebbe per l'una o per "
    "l'altra proposizione.",
    "said.fused": "Il modello che pesa insieme i riscontri è stato adattato su {fakes} falsi e {reals} file veri di "
    "{sources} fonti; su fonti escluse costa {cllr} bit (Cllr: 0 è perfetto, 1 non vale nulla).",
    "said.changes.missing": "I riscontri che qui mancano: {ids}. Con essi il peso potrebbe salire o scendere.",
    "said.changes.family": "Una seconda famiglia indipendente di riscontri che parli chiaramente per la stessa parte.",
    "said.changes.copy": "Una copia precedente del file, meno compressa, ridimensionata o modificata.",
    "said.changes.calibration": "Una calibrazione su materiale come questo file.",
    "said.changes.origin": "L'originale con il dispositivo che lo ha prodotto, o una dichiarazione d'origine firmata e "
    "verificabile.",
    "said.changes.renewed": "Tabelle rinnovate: materiale prodotto con metodi più recenti delle tabelle ({table}) non "
    "era tra quello su cui sono state adattate.",
    "said.category.counts": "Su fonti escluse, {right} di {all} casi di {category} sono stati così nominati, e {wrong} "
    "di {reals} veri.",
    "said.category.none": "Su fonti escluse, {right} di {reals} casi veri sono stati così nominati, ma anche {wrong} "
    "di {all} falsi: non significa che il file sia vero.",
    "said.category.learned": "Categorie che si possono nominare per tali file: {learned}.",
    "said.category.never": "Mai nominate: {never}.",
    # un riscontro
    "finding.weight.between": "log10 del rapporto di verosimiglianza {ratio}, intervallo da {low} a {high}, mai oltre {least} "
    "e {most}.",
    "finding.weight.fitted": "Calcolato su {fakes} falsi indipendenti e {reals} file reali indipendenti.",
    "finding.weight.cost": "Su fonti escluse costa {cllr} bit (Cllr: 0 è perfetto, 1 non vale nulla).",
    "finding.weight.group": "Entra nella conclusione con il suo gruppo, «{group}», non da solo.",
    "finding.weight.apart": "Non entra nella conclusione.",
})  # fmt: skip
