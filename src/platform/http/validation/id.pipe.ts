import { Injectable, type PipeTransform } from '@nestjs/common';
import { isUuid } from '../../../kernel/ids';
import { HttpProblem } from '../problem/http-problem';
import { standardProblem } from '../problem/standard-problems';

/** For `@Param('id', IdPipe)`. What is no UUID names nothing: the answer is that of an id nobody has. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    const id = value.toLowerCase();
    if (isUuid(id)) return id;
    const { code, detail } = standardProblem(404);
    throw new HttpProblem(404, code, detail);
  }
}
