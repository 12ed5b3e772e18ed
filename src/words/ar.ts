// Arabic, which counts in six forms, for what is said in a terminal and on the page alike.

import type { CommonWords } from "./catalogue.ts";
import type { Plural } from "./sentence.ts";

/** The forms in order: zero, one, two, few, many, other. */
export function forms(text: string): Plural {
  const [zero, one, two, few, many, other] = text.split("|");
  return { zero, one, two, few, many, other };
}
/** For sentences in which the number stands apart. */
export const same = (text: string): Plural => ({
  zero: text,
  one: text,
  two: text,
  few: text,
  many: text,
  other: text,
});

export const ar: CommonWords = {
  counts: {
    files: forms("لا ملفات|ملف واحد|ملفان|{count} ملفات|{count} ملفًا|{count} ملف"),
  },
  skips: {
    symlink: "وصلة رمزية",
    special_file: "ليس ملفًا عاديًا",
    unreadable: "لا يُقرأ",
    name_not_portable: "اسم لا تقبله أنظمة أخرى",
    empty_folder: "مجلد فارغ",
    unfinished_download: "استلام غير مكتمل",
    excluded: "مستثنى",
    already_there: "موجود من قبل",
    kept_existing: "أُبقي الموجود",
  },
  waits: {
    connecting: "الاتصال بالمرسل",
    relay: "انتظار مُرحِّل",
    sender: "المرسل ليس هناك بعد؛ تُعاد المحاولة",
    reconnecting: "انقطع الاتصال؛ تُعاد المحاولة",
  },
  ticketFaults: {
    prefix: "لا تبدأ بـ blob",
    too_long: "طويلة جدًا",
    base32: "فيها حروف غير ممكنة، أو تنقصها حروف",
    content: "تالفة، أو من نوع مجهول",
    relay_url: "مُرحِّلها ليس عنوان URL",
  },
  nameFaults: {
    empty: "هو فارغ",
    absolute: "يخرج من المجلد",
    backslash: "فيه شرطة مائلة عكسية",
    dot_part: "أحد أجزائه . أو ..",
    empty_part: "فيه جزء فارغ",
    nul: "فيه حرف NUL",
    not_unicode: "ليس يونيكود صحيحًا",
    part_too_long: "أحد أجزائه طويل جدًا",
    path_too_long: "طويل جدًا",
    duplicate: "يتكرر مرتين",
    file_and_folder: "ملف ومجلد معًا",
  },
  someFile: "أحد الملفات",
  errors: {
    ticket_malformed: "لا يمكن قراءة هذه التذكرة: {fault}.",
    ticket_unsupported: "تشير هذه التذكرة إلى بيانات بلا أسماء ملفات.",
    relay_url_invalid: "{url} ليس عنوان مُرحِّل.",
    secret_invalid: "لا يحوي IROH_SECRET مفتاحًا سريًا.",
    binding_missing: "لا يمكن تحميل جزء الشبكة في pli على هذا النظام ({system}).",
    binding_unknown: "قيمة PLI_BINDING هي {binding}، وليست عند pli.",
    bind_failed: "لا يمكن استعمال عنوان الشبكة {address}.",
    path_missing: "لا يوجد ملف أو مجلد {path}.",
    nothing_to_send: "لا يوجد هنا ما يمكن إرساله.",
    source_changed: "تغيّر {name} بعد إعداد تذكرته.",
    share_too_large: "{files} من الملفات أكثر مما تسعه تذكرة.",
    peer_unreachable: "تعذر الوصول إلى المرسل.",
    connection_lost: "انقطع الاتصال قبل وصول كل شيء.",
    stream_reset: "قطع الطرف الآخر النقل.",
    peer_refused: "لم يعد المرسل يعرض هذا، أو أعطاه لغيرك.",
    source_lost: "لا يستطيع المرسل المتابعة مع {name}: لم يعد هناك، أو تغيّر.",
    wrong_bytes: "أعطى المرسل بايتات خاطئة.",
    message_malformed: "أرسل الطرف الآخر رسالة بلا معنى ({what}).",
    limit_exceeded: "أرسل الطرف الآخر أكثر مما يقبله pli ({what}: {maximum}).",
    name_refused: "رُفض الاسم {name}: {fault}.",
    declined: "لم يُستلم، كما اخترت.",
    not_one_file: "كان المطلوب ملفًا واحدًا، وهذه {files}.",
    destination_busy: "يستلم pli آخر هذا في {path}.",
    disk_full: "القرص ممتلئ: تعذرت كتابة {path}.",
    disk_read_only: "{path} على قرص للقراءة فقط.",
    disk_denied: "لا يسمح النظام لـ pli باستعمال {path}.",
    disk_failed: "تعطل القرص عند {path}.",
    destination_not_folder: "{path} ليس مجلدًا.",
    cancelled: "أُوقف.",
    internal: "أخطأ pli ({what}).",
    home_unknown: "لا يعرف pli أين يحفظ بياناته.",
    home_denied: "لا يسمح النظام لـ pli باستعمال بياناته في {path}.",
    home_full: "القرص ممتلئ: لم يستطع pli كتابة بياناته في {path}.",
    home_unusable: "لا يستطيع pli حفظ بياناته في {path}.",
  },
  advice: {
    newTicket: "اطلب من المرسل تذكرة جديدة.",
    sendAgain: "لم يُحفظ أي خطأ. اطلب من المرسل أن يرسله مجددًا.",
    leaveAlone: "لم يُرسل أي بايت خاطئ. أرسله مجددًا، ولا تمس الملفات حتى تُسلَّم.",
    copyTicket: "انسخ التذكرة كلها مجددًا؛ تبدأ بـ blob ولا مسافات فيها.",
    reinstall: "ثبّت pli مجددًا.",
    report: "لا ينبغي أن يحدث هذا. يرجى الإبلاغ عنه.",
    parts: "أرسله على أجزاء.",
    attack: "لم يُكتب شيء. قد يكون مثل هذا الاسم هجومًا: اسأل من أرسله.",
    home: "تحقق أن مجلد pli لك وقابل للكتابة، أو حدد غيره في PLI_HOME.",
    regular: "تُرسل الملفات العادية فقط، لا الوصلات ولا الأجهزة.",
  },
};
