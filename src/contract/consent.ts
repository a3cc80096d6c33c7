/** Which messages of a gateway need an opt-in on record: marketing templates, or every template. */
export type RequireOptIn = 'marketing' | 'all';

/**
 * Words that, alone in a message, stop business-initiated messages: what laws and networks ask every sender to honour, in the
 * languages people commonly say it in. A default; a gateway's metadata may name others. Written as people write them; case,
 * accents and punctuation do not count.
 */
export const OPT_OUT_WORDS: readonly string[] = [
  ...['STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'OPT OUT', 'OPTOUT'],
  ...['ARRET', 'ARRETER', 'DESABONNER', 'SE DESABONNER'],
  ...['PARAR', 'BAJA', 'CANCELAR', 'DARSE DE BAJA', 'SAIR', 'DESCADASTRAR'],
  ...['STOPP', 'ABMELDEN', 'ABBESTELLEN', 'STOPPEN', 'AFMELDEN', 'UITSCHRIJVEN', 'DISISCRIVIMI', 'WYPISZ'],
  ...['СТОП', 'ОТПИСАТЬСЯ', 'ОТПИСКА', 'ВІДПИСАТИСЯ', 'DURDUR', 'İPTAL', 'BERHENTI'],
  ...['إيقاف', 'إلغاء الاشتراك', 'הסר', 'रोकें', '退订', '退訂', '配信停止', '수신거부'],
];

/** Words that, alone in a message, lift an opt-out. */
export const OPT_IN_WORDS: readonly string[] = ['START', 'UNSTOP'];
