import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsString, Max, Min } from 'class-validator';

export class SettingsDto {
  @ApiProperty({ example: ['EUR', 'USD'], type: [String], description: 'ISO 4217 codes in any case.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(150)
  @IsString({ each: true })
  allowed_currencies: string[];

  @ApiProperty({ example: 3, minimum: 1, maximum: 20, description: 'Tries of a transfer that may end without effect before it is given up.' })
  @IsInt()
  @Min(1)
  @Max(20)
  max_attempts: number;
}
