/** The digits of a phone number, the form webhooks use. Meta: `+`, `-`, brackets and blanks are allowed in `to`. */
export function digitsOf(phone: string): string {
  return phone.replace(/[^0-9]/g, '');
}

/** Whether Meta would read it as a phone number at all: 5 to 15 digits and the marks people put between them. */
export function isPhone(text: string): boolean {
  return /^\+?[0-9 ()-]+$/.test(text) && /^[0-9]{5,15}$/.test(digitsOf(text));
}

/** A business-scoped user id: country, dot, up to 128 letters and digits. Meta: business-scoped-user-ids */
export function isUserId(text: string): boolean {
  return /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(text);
}
