import { type Content, type ContentProblem, isMedia, textLength } from '../../contract/index.js';
import { LIMITS } from './capabilities.js';

/** What makes no sense to any system; all else is the other side's to judge. */
export function check(content: Content): readonly ContentProblem[] {
  const problems: ContentProblem[] = [];
  const tooLong = (path: string, given: string | undefined, max: number): void => {
    const length = given === undefined ? 0 : textLength(given, 'code-point');
    if (length > max) {
      problems.push({ path, code: 'content.too_long', message: `is ${length} characters long; ${max} are allowed` });
    }
  };
  const text = (path: string, given: string, max: number): void => {
    if (given.trim() === '') problems.push({ path, code: 'content.invalid', message: 'is empty' });
    tooLong(path, given, max);
  };
  const count = (path: string, length: number, max: number): void => {
    if (length >= 1 && length <= max) return;
    const code = length === 0 ? 'content.invalid' : 'content.too_long';
    problems.push({ path, code, message: `has ${length} entries; 1 to ${max} are allowed` });
  };

  if (isMedia(content)) {
    const { id, url } = content.media;
    if (id === undefined && url === undefined) {
      problems.push({ path: 'content.media', code: 'content.invalid', message: 'needs an id or a url' });
    }
    tooLong('content.caption', content.caption, LIMITS.text);
    return problems;
  }
  switch (content.type) {
    case 'text':
      text('content.text', content.text, LIMITS.text);
      break;
    case 'buttons':
    case 'list':
      text('content.text', content.text, LIMITS.text);
      tooLong('content.header', content.header, LIMITS.description);
      tooLong('content.footer', content.footer, LIMITS.description);
      if (content.type === 'buttons') {
        count('content.buttons', content.buttons.length, LIMITS.options);
        content.buttons.forEach(({ title, id }, index) => {
          text(`content.buttons[${index}].title`, title, LIMITS.label);
          tooLong(`content.buttons[${index}].id`, id, LIMITS.id);
        });
        break;
      }
      text('content.button', content.button, LIMITS.label);
      count('content.sections', content.sections.length, LIMITS.sections);
      content.sections.forEach(({ rows }, section) => {
        count(`content.sections[${section}].rows`, rows.length, LIMITS.options);
        rows.forEach(({ id, title, description }, row) => {
          const path = `content.sections[${section}].rows[${row}]`;
          text(`${path}.title`, title, LIMITS.label);
          text(`${path}.id`, id, LIMITS.id);
          tooLong(`${path}.description`, description, LIMITS.description);
        });
      });
      break;
    case 'contacts':
      count('content.contacts', content.contacts.length, LIMITS.options);
      break;
    case 'location':
      if (Math.abs(content.latitude) > 90 || Math.abs(content.longitude) > 180) {
        problems.push({ path: 'content', code: 'content.invalid', message: 'is no place on earth' });
      }
      break;
    case 'native':
      if (content.channel !== 'custom') {
        const message = `is for the channel ${content.channel}, not for custom`;
        problems.push({ path: 'content.channel', code: 'content.unsupported', message });
      }
      break;
    case 'reaction':
    case 'template':
      break;
    default:
      problems.push({ path: 'content.type', code: 'content.unsupported', message: `${content.type} cannot be sent` });
  }
  return problems;
}
