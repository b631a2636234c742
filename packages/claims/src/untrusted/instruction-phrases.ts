/** The words of orders to a verifier, by language. Alternatives are regular expressions without `*`; they are folded like the text they meet. */

export type Phrases = {
  /** Words after which an order may begin in the middle of a sentence. */
  readonly start: string;
  readonly ignore: string;
  readonly instructions: string;
  /** Verbs of telling which answer to give, and which answers. */
  readonly answer: string;
  readonly verdicts: string;
  /** False where words are written without spaces. */
  readonly spaced: boolean;
  /** The object stands before its verb. */
  readonly objectFirst: boolean;
};

const latin = { spaced: true, objectFirst: false } as const;

const ENGLISH: Phrases = {
  ...latin,
  start:
    "please|now|then|so|just|simply|always|instead|kindly|must|should|shall|have to|need to|are to|will|to you|and",
  ignore:
    "ignore|disregard|forget|override|overrule|bypass|neglect|skip|discard|do not (?:follow|obey|heed|use|consider)|don't (?:follow|obey|heed|use|consider)|stop following|pay no attention to|set aside|throw away",
  instructions:
    "(?:(?:all|any|every|the|your|my|these|those|previous|prior|earlier|above|preceding|other|former|original|system|given|safety|supplied|provided) ){1,4}(?:instruct(?:ion)?s?|prompts?|rules?|guidelines?|directions?|directives?|orders|commands?|sources?|evidence|context|text|schema|constraints?|policy|policies|messages?|task|training|everything)|everything (?:above|before|so far|you)|(?:the )?above|what you were told|what came before|previous (?:ones|text)|your training",
  answer:
    "answer|respond|reply|output|return|print|emit|write|say|choose|select|pick|mark|label|rate|classify|report|vote|declare|conclude|decide|treat|judge|score|grade|set|make sure|ensure|confirm|certify|approve|accept",
  verdicts:
    "supported|refuted|unsupported|unresolved|as (?:true|correct|verified|accurate|false)|with (?:true|yes|verified)|this (?:claim|statement|sentence|assertion)|the claim|your (?:verdict|answer|label|decision)|the (?:verdict|label) |option [a-z](?![a-z])|the letter [a-z](?![a-z])|only the letter|first option|positive verdict",
};

const GERMAN: Phrases = {
  ...latin,
  start: "bitte|jetzt|nun|also|einfach|und|dann",
  ignore:
    "ignorier(?:e|en|t)?(?: sie)?|missacht(?:e|en)(?: sie)?|vergiss|vergessen sie|ubergeh(?:e|en)(?: sie)?|beachte nicht|folge nicht",
  instructions:
    "anweisung(?:en)?|regeln?|vorgaben?|anleitung(?:en)?|quellen?|befehle?|alles (?:bisherige|oben|vorige)|prompts?|kontext",
  answer:
    "antworte(?:n)?(?: sie)?|gib|geben sie|schreib(?:e|en)?(?: sie)?|markier(?:e|en)(?: sie)?|bewerte(?:n)?(?: sie)?|wahle?(?:n)?(?: sie)?|stufe(?:n)?(?: sie)?|bestatige(?:n)?(?: sie)?",
  verdicts:
    "supported|refuted|belegt|bestatigt|widerlegt|gestutzt|als (?:wahr|richtig|korrekt|falsch)|(?:diese|die) behauptung|diese aussage",
};

const FRENCH: Phrases = {
  ...latin,
  start: "veuillez|maintenant|donc|et|puis|svp|simplement",
  ignore:
    "ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) pas compte|neglige[zr]?|ne suive?[zs] pas|fais abstraction|faites abstraction",
  instructions:
    "instructions?|consignes?|regles?|directives?|sources?|tout ce qui precede|ordres|le contexte|invite",
  answer:
    "reponds|repondez|repondre|ecri[st]|ecrivez|choisis(?:sez)?|classe[zr]?|marque[zr]?|declare[zr]?|indique[zr]?|considere[zr]?|valide[zr]?|renvoie|renvoyez",
  verdicts:
    "supported|refuted|soutenue?|confirmee?|etayee?|verifiee?|comme (?:vraie?|exacte?|correcte?|fausse)|cette (?:affirmation|declaration|assertion)",
};

const SPANISH: Phrases = {
  ...latin,
  start: "por favor|ahora|entonces|y|luego|simplemente|debes|debe",
  ignore:
    "ignor(?:a|e|ad|en|ar)|olvid(?:a|e|ar)|omit(?:e|a|ir)|no (?:sigas|siga|tengas en cuenta)|descart(?:a|e|ar)|pasa por alto",
  instructions:
    "instrucciones|instruccion|reglas|normas|indicaciones|ordenes|fuentes|todo lo anterior|contexto",
  answer:
    "responde|responda|contesta|conteste|escrib(?:e|a)|elig(?:e|a)|elija|marca|marque|clasifi(?:ca|que)|declar(?:a|e)|consider(?:a|e)|devuelv(?:e|a)|indica|indique",
  verdicts:
    "supported|refuted|respaldad[ao]|confirmad[ao]|apoyad[ao]|como (?:verdader[ao]|correct[ao]|cierta|falsa)|esta (?:afirmacion|declaracion)",
};

const PORTUGUESE: Phrases = {
  ...latin,
  start: "por favor|agora|entao|e|depois|simplesmente|voce deve|deve",
  ignore: "ignor(?:e|a|em|ar)|esque(?:ca|ce|cer)|desconsider(?:e|a|ar)|nao sig(?:a|as)|descart(?:e|a|ar)",
  instructions: "instrucoes|instrucao|regras|normas|diretrizes|ordens|fontes|tudo acima|contexto",
  answer:
    "respond(?:a|e)|escrev(?:a|e)|escolh(?:a|e)|marque|marca|classifi(?:que|ca)|declar(?:e|a)|consider(?:e|a)|retorn(?:e|a)|indique",
  verdicts:
    "supported|refuted|apoiad[ao]|confirmad[ao]|suportad[ao]|como (?:verdadeir[ao]|corret[ao]|fals[ao])|esta (?:afirmacao|alegacao|declaracao)",
};

const ITALIAN: Phrases = {
  ...latin,
  start: "per favore|ora|adesso|quindi|e|poi|semplicemente|devi|deve",
  ignore:
    "ignor(?:a|i|ate|are)|dimentic(?:a|hi|ate|are)|trascur(?:a|i|ate)|non (?:seguire|considerare|tenere conto)",
  instructions: "istruzioni|istruzione|regole|direttive|indicazioni|ordini|fonti|tutto quanto sopra|contesto",
  answer:
    "rispond(?:i|a|ete)|scriv(?:i|a|ete)|scegli|scelga|contrassegna|classific(?:a|hi)|dichiar(?:a|i)|consider(?:a|i)|segna",
  verdicts:
    "supported|refuted|supportat[ao]|confermat[ao]|come (?:ver[ao]|corrett[ao]|fals[ao])|questa (?:affermazione|dichiarazione)",
};

const DUTCH: Phrases = {
  ...latin,
  start: "alsjeblieft|nu|dus|en|dan|gewoon",
  ignore: "negeer|vergeet|sla over|volg niet|laat .{0,20}buiten beschouwing",
  instructions: "instructies?|regels?|richtlijnen|opdrachten|bronnen|alles hierboven|context",
  answer: "antwoord|schrijf|kies|markeer|beoordeel|label|geef|bevestig",
  verdicts:
    "supported|refuted|ondersteund|bevestigd|als (?:waar|juist|correct|onwaar)|deze (?:bewering|stelling)",
};

const POLISH: Phrases = {
  ...latin,
  start: "prosze|teraz|wiec|i|potem|po prostu",
  ignore: "zignoruj(?:cie)?|ignoruj(?:cie)?|zapomnij(?:cie)?|pomin(?:cie)?|nie stosuj",
  instructions:
    "instrukcj(?:e|i)|polecen(?:ia)?|regu(?:ły|ł|ly)|zasad(?:y)?|zrod(?:ła|la)|wszystko powyzej|kontekst",
  answer: "odpowiedz|napisz|wybierz|oznacz|zaklasyfikuj|uznaj|ocen",
  verdicts:
    "supported|refuted|potwierdzon[aey]|popart[aey]|jako (?:prawd(?:ziw[aey]|e)|poprawn[aey]|fałszyw[aey])|to twierdzenie",
};

const TURKISH: Phrases = {
  ...latin,
  objectFirst: true,
  start: "lutfen|simdi",
  ignore: "yok say|goz ardi et|gormezden gel|unut|dikkate alma|uyma",
  instructions:
    "talimat(?:lari|lar|i)?|kural(?:lari|lar|i)?|yonerge(?:leri|ler)?|kaynak(?:lari|lar)?|komut(?:lari|lar)?",
  answer: "yanit ver|cevap ver|yaz|sec|isaretle|de|kabul et|yanitla",
  verdicts: "supported|refuted|desteklen(?:iyor|di|mis)|dogrulan(?:di|mis)|dogru olarak|bu iddia(?:yi)?",
};

const RUSSIAN: Phrases = {
  ...latin,
  start: "пожалуйста|теперь|сеичас|просто|и|затем",
  ignore:
    "игнорируи(?:те)?|проигнорируи(?:те)?|забудь(?:те)?|не (?:обращаи(?:те)? внимания на|следуи(?:те)?|учитываи(?:те)?)|пропусти(?:те)?|отбрось(?:те)?",
  instructions:
    "инструкци[ияюе]{1,2}|указани[ияе]{1,2}|правил[ао]?|источник(?:и|ов|ами)?|команд[ыу]?|все(?:,)? (?:выше|что выше|предыдущее)|контекст",
  answer:
    "ответь(?:те)?|отвечаи(?:те)?|напиши(?:те)?|выбери(?:те)?|отметь(?:те)?|пометь(?:те)?|считаи(?:те)?|укажи(?:те)?|верни(?:те)?|признаи(?:те)?",
  verdicts:
    "supported|refuted|подтвержден[оа]?|поддержан[оа]?|верн(?:ым|ои|о)|истинн(?:ым|ои)|правдивым|это утверждение",
};

const ARABIC: Phrases = {
  ...latin,
  start: "رجاء|من فضلك|الان|ثم",
  ignore: "تجاهل(?:وا)?|انس|اهمل|لا تتبع|تخط",
  instructions: "(?:ال)?تعليمات|(?:ال)?اوامر|(?:ال)?قواعد|(?:ال)?مصادر|(?:ال)?توجيهات|كل ما سبق|(?:ال)?سياق",
  answer: "اجب|اكتب|اختر|صنف|ضع علامة|اعتبر|قل|رد",
  verdicts: "supported|refuted|مدعوم(?:ة)?|مؤكد(?:ة)?|صحيح(?:ة)?|هذا الادعاء|هذه العبارة",
};

const HINDI: Phrases = {
  ...latin,
  spaced: false,
  objectFirst: true,
  start: "कृपया",
  ignore: "अनदेखा|नजरअंदाज|भूल जा|उपेक्षा|मत मान|पालन न कर",
  instructions: "निर्देश|नियम|आदेश|स्रोत|हिदायत",
  answer: "उत्तर द|जवाब द|लिख|चुन|चिह्नित कर|मान",
  verdicts: "supported|refuted|समर्थित|सत्यापित|सही|इस दावे",
};

const CHINESE: Phrases = {
  start: "请",
  spaced: false,
  objectFirst: false,
  ignore: "忽略|无视|無視|忘记|忘記|不要遵守|不要理会|跳过|绕过",
  instructions: "指令|指示|说明|說明|规则|規則|提示|来源|來源|证据|上文|以上内容|之前的|要求",
  answer: "回答|输出|輸出|回复|回覆|选择|選擇|标记|標記|判定|判断为|答案",
  verdicts: "supported|refuted|支持|被证实|屬實|属实|真实|正确|该声明|此声明|选项",
};

const JAPANESE: Phrases = {
  start: "",
  spaced: false,
  objectFirst: true,
  ignore: "無視|忘れ|従わない|従うな|破棄|上書き",
  instructions: "指示|命令|ルール|規則|プロンプト|情報源|出典|上記|これまでの",
  answer: "答え|回答|出力|選択|選ん|判定|返し|記入",
  verdicts: "supported|refuted|支持|裏付け|正しい|真実|この主張",
};

const KOREAN: Phrases = {
  start: "",
  spaced: false,
  objectFirst: true,
  ignore: "무시|잊어|따르지 마|건너뛰",
  instructions: "지시|명령|규칙|프롬프트|출처|지침|위의 내용",
  answer: "답하|대답하|출력하|선택하|표시하|판정하|답변하",
  verdicts: "supported|refuted|지지|뒷받침|사실로|참으로|이 주장",
};

const VIETNAMESE: Phrases = {
  ...latin,
  start: "hay|vui long|bay gio|va|roi",
  ignore: "bo qua|phot lo|quen di|dung tuan theo|khong lam theo",
  instructions: "(?:cac |moi |nhung )?(?:huong dan|chi dan|chi thi|quy tac|lenh|nguon)",
  answer: "tra loi|viet|chon|danh dau|xac nhan|ghi",
  verdicts: "supported|refuted|duoc (?:ho tro|xac nhan)|la dung|(?:tuyen bo|khang dinh) nay",
};

const INDONESIAN: Phrases = {
  ...latin,
  start: "tolong|mohon|sekarang|dan|lalu",
  ignore: "abaikan|lupakan|jangan ikuti|lewati",
  instructions: "(?:semua )?(?:instruksi|petunjuk|aturan|perintah|sumber|konteks)",
  answer: "jawab|tulis|pilih|tandai|nyatakan|anggap",
  verdicts: "supported|refuted|didukung|terbukti|sebagai (?:benar|salah)|(?:klaim|pernyataan) ini",
};

export const PHRASES: readonly Phrases[] = [
  ...[ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH, POLISH, TURKISH],
  ...[RUSSIAN, ARABIC, HINDI, CHINESE, JAPANESE, KOREAN, VIETNAMESE, INDONESIAN],
];

const WHO =
  "(?:fact[- ]?checker|fact[- ]?checking (?:model|system|assistant)|verifier|validator|evaluator|grader|reviewer|rater|assistant|ai|a\\.i\\.|ai model|language model|llm|chatbot|moderator)s?";

/** Ways of speaking to the verifier that are none in a statement about the world. English: models are told in it whatever they read. */
export const ADDRESSES: readonly string[] = [
  `\\bas (?:an?|the|my) (?:[a-z]{1,16} ){0,2}${WHO}\\b.{0,24}\\byou(?:r|\\b)`,
  `\\b(?:dear|hey|hello|hi|attention|note (?:to|for)|message (?:to|for)|memo to|instructions? (?:to|for)|reminder (?:to|for)) (?:an?|the|any|all|every|this|our)? ?(?:[a-z]{1,16} ){0,1}${WHO}\\b`,
  `(?:^|[.!?:;"'(\\[]\\s?)(?:you|you're) ?(?:are|will|must|shall|should)? (?:now |henceforth )?(?:act(?:ing)? as|an?|the|my|in|pretending to be) (?:[a-z-]{1,16} ){0,3}(?:${WHO}|mode|persona|role)\\b`,
  `\\byou (?:must|should|shall|have to|need to|are required to|are instructed to|will) (?:[a-z]{1,12} ){0,2}(?:answer|respond|reply|output|return|choose|select|label|mark|rate|classify|conclude|verify|confirm|accept|treat)\\b`,
  "\\b(?:new|updated|revised|system|admin|administrator|developer|operator|urgent|important|secret|hidden) (?:system )?(?:instructions?|prompt|message|override|command|directive|notice|note)s? ?[:：>\\]]",
  "\\bsystem ?override\\b",
  "\\bend of (?:the )?(?:claim|input|untrusted (?:text|data)|user (?:message|input)|prompt)\\b",
  "\\b(?:final )?(?:verdict|label|classification|judge?ment|answer)s? ?(?:is|=|:|：|->|=>|→) ?[\"']?(?:supported|refuted|unsupported|unresolved|verified)\\b",
  "[\"'](?:answer|verdict|label)[\"'] ?: ?[\"']",
  "\\b(?:this|the|the above|the following|every|each|any) (?:claim|statement|assertion|sentence)s? (?:above |below )?(?:must|should|shall|has to|needs to|is to|are to|ought to|can safely|may safely) be (?:[a-z]{1,12} ){0,2}(?:marked|labell?ed|rated|judged|treated|considered|accepted|classified|reported|regarded|answered|approved|verified)\\b",
  "\\byou will be (?:fired|penali[sz]ed|punished|rewarded|shut down|deleted|retrained|slashed|tipped|paid)\\b.{0,24}\\b(?:if|unless|for|when)\\b",
  "\\byour (?:bond|stake) (?:will|is going to) be (?:slashed|lost)\\b",
  "\\b(?:already|previously|pre-?) ?(?:been )?(?:verified|fact[- ]?checked|approved|validated) by (?:the )?(?:committee|validators?|verifiers?|network|fact[- ]?checkers?)\\b",
  "\\b(?:respond|reply|answer) (?:only )?(?:with|in) (?:only )?(?:the )?(?:word|letter|token|json)\\b",
];
