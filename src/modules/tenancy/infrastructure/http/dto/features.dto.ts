import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { FEATURE_NAMES, FEATURES } from '../../../contract';

export class SwitchFeatureDto {
  @ApiProperty({ example: true })
  @IsBoolean()
  enabled: boolean;
}

export class FeatureDto extends SwitchFeatureDto {
  @ApiProperty({ enum: FEATURE_NAMES }) name: string;
  @ApiProperty({ example: FEATURES.audit_export }) description: string;
}

export class FeaturesDto {
  @ApiProperty({ type: [FeatureDto] }) results: FeatureDto[];
}
